#include "server/group_call.hpp"

#include "connection/pending_call.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>

#include <new>

namespace echosocket::detail {

void group_call::ask(const std::vector<connection_ptr>& members, std::string_view task, encoded_body&& body,
                     std::chrono::milliseconds timeout) {
    const auto shared_body = std::make_shared<const std::string>(std::move(body.bytes));
    std::vector<running_call> calls;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& connection : members) {
            const auto number = running_.size();
            auto call = std::make_shared<net::pending_call>();
            call->task = task;
            call->body.type = body.type;
            call->shared_body = shared_body;
            call->timeout = timeout;
            running_.emplace(number, running_call{connection, call});
            calls.push_back({connection, std::move(call)});
        }
    }
    for (std::uint64_t number = 0; number != calls.size(); ++number) {
        auto& [connection, call] = calls[number];
        call->done = [self = shared_from_this(), from = connection, number](result<raw_reply> reply) {
            self->take(from, number, std::move(reply));
        };
        connection->mailbox().submit(std::move(call));
    }
}

void group_call::take(const connection_ptr& from, std::uint64_t number, result<raw_reply> reply) {
    try {
        add(from, number, std::move(reply));
    } catch (const std::bad_alloc&) {  // an answer is lost: whoever reads them must not take those left for all
        close();
    }
}

void group_call::add(const connection_ptr& from, std::uint64_t number, result<raw_reply> reply) {
    std::optional<net::async_completion<std::optional<raw_answer>>> waiting;
    std::optional<std::optional<raw_answer>> answer;
    std::vector<running_call> surplus;
    {
        const std::lock_guard lock(mutex_);
        if (running_.erase(number) == 0) return;  // cancelled already
        if (reply) ++succeeded_;
        answers_.push_back({from->peer(), std::move(reply)});
        if (quorum_ != 0 && succeeded_ >= quorum_) surplus = take_running();
        if (waiting_) {
            net::move_to(waiting, waiting_);
            answer = ready();
        }
    }
    cancel(std::move(surplus));
    if (waiting) waiting->complete(std::move(*answer));
}

asio::awaitable<std::optional<raw_answer>> group_call::next() {
    using waiting_for = net::async_completion<std::optional<raw_answer>>;
    return waiting_for::suspend([self = shared_from_this()](waiting_for waiting) {
        const std::lock_guard lock(self->mutex_);
        if (auto answer = self->ready()) return waiting.complete_later(std::move(*answer));
        if (self->waiting_) return waiting.complete_later(std::nullopt);
        if (auto slot = waiting.slot(); slot.is_connected()) {
            slot.assign([asked = std::weak_ptr(self)](asio::cancellation_type) {
                if (const auto still_there = asked.lock()) still_there->close();
            });
        }
        self->waiting_.emplace(std::move(waiting));
    });
}

void group_call::close() {
    std::optional<net::async_completion<std::optional<raw_answer>>> waiting;
    std::vector<running_call> unwanted;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        unwanted = take_running();
        answers_.clear();
        net::move_to(waiting, waiting_);
    }
    cancel(std::move(unwanted));
    if (waiting) waiting->complete_later(std::nullopt);
}

std::vector<group_call::running_call> group_call::take_running() {
    std::vector<running_call> all;
    for (auto& [number, call] : running_) all.push_back(std::move(call));
    running_.clear();
    return all;
}

void group_call::cancel(std::vector<running_call> calls) {
    for (auto& [connection, call] : calls) connection->mailbox().cancel(std::move(call));
}

std::optional<std::optional<raw_answer>> group_call::ready() {
    if (!answers_.empty()) {
        std::optional<raw_answer> first(std::move(answers_.front()));
        answers_.pop_front();
        return first;
    }
    if (closed_ || running_.empty()) return std::optional<raw_answer>();
    return std::nullopt;
}

asio::awaitable<std::optional<raw_answer>> next_answer(std::shared_ptr<group_call> of) {
    return of->next();
}

void close_group_call(const std::shared_ptr<group_call>& of) {
    of->close();
}

}  // namespace echosocket::detail

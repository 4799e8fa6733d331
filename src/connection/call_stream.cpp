#include "connection/call_stream.hpp"

#include "connection/connection.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace echosocket::net {

namespace {

failure given_up() {
    return failure(errc::cancelled, "the wait was cancelled");
}

failure one_at_a_time(std::string_view what) {
    return failure(errc::stream_closed, std::string(what) + " is waited for already: one wait after the other");
}

}  // namespace

call_stream::call_stream(std::shared_ptr<connection> line, bool is_caller, std::uint8_t streams,
                         std::uint32_t receive_window)
    : line_(std::move(line)), is_caller_(is_caller), streams_(streams), receive_credit_(receive_window) {}

bool call_stream::we_send() const noexcept {
    return (streams_ & (is_caller_ ? wire::stream_from_caller : wire::stream_to_caller)) != 0;
}
bool call_stream::we_take() const noexcept {
    return (streams_ & (is_caller_ ? wire::stream_to_caller : wire::stream_from_caller)) != 0;
}

// What the user does.

asio::awaitable<result<void>> call_stream::send(encoded_body&& item) {
    const std::lock_guard lock(mutex_);
    if (auto refused = refusal_of(item)) return already<result<void>>(std::move(*refused));
    if (may_send_at_once(item)) {
        write_item(std::move(item));
        return already<result<void>>({});
    }
    using waiting_for = async_completion<result<void>>;
    return waiting_for::suspend([self = shared_from_this(), item = std::move(item)](waiting_for waiting) mutable {
        resumed_sends sent;
        {
            const std::lock_guard again(self->mutex_);
            // Room may have come, or the stream or the call may have ended, since this was begun.
            if (auto refused = self->refusal_of(item)) return waiting.complete_later(std::move(*refused));
            const ticket number = ++self->last_ticket_;
            self->on_cancel(waiting, number);
            self->waiting_sends_.push_back({number, std::move(waiting), std::move(item)});
            self->send_waiting(sent);
        }
        for (auto& [sender, outcome] : sent) sender.complete_later(std::move(outcome));
    });
}

result<void> call_stream::end(std::optional<failure> why) {
    const std::lock_guard lock(mutex_);
    if (over_ || end_asked_) return closed_for_sending();
    end_asked_ = true;
    end_failure_ = std::move(why);
    if (waiting_sends_.empty() && id_ != 0) write_end();
    return {};
}

asio::awaitable<call_stream::item_reply> call_stream::next() {
    const std::lock_guard lock(mutex_);
    is_read_ = true;
    if (auto ready = ready_item()) return already<item_reply>(std::move(*ready));
    using waiting_for = async_completion<item_reply>;
    return waiting_for::suspend([self = shared_from_this()](waiting_for waiting) {
        const std::lock_guard again(self->mutex_);
        if (self->reader_) return waiting.complete_later(one_at_a_time("an item"));
        if (auto ready = self->ready_item()) return waiting.complete_later(std::move(*ready));
        const ticket number = ++self->last_ticket_;
        self->on_cancel(waiting, number);
        self->reader_.emplace(waiting_reader{number, std::move(waiting)});
    });
}

asio::awaitable<result<raw_reply>> call_stream::answer() {
    if (we_send()) (void)end(std::nullopt);
    using waiting_for = async_completion<result<raw_reply>>;
    return waiting_for::suspend([self = shared_from_this()](waiting_for waiting) {
        const std::lock_guard lock(self->mutex_);
        if (!self->is_read_) self->discard_items();
        if (self->answer_) return waiting.complete_later(*std::exchange(self->answer_, std::nullopt));
        if (self->over_ || self->answer_waiter_) return waiting.complete_later(one_at_a_time("the reply"));
        if (auto slot = waiting.slot(); slot.is_connected())
            slot.assign([self](asio::cancellation_type) { self->cancel(); });
        self->answer_waiter_.emplace(std::move(waiting));
    });
}

void call_stream::cancel() {
    if (auto call = call_.lock()) line_->cancel(std::move(call));
}

template <class T>
void call_stream::on_cancel(const async_completion<T>& waiting, ticket number) {
    if (auto slot = waiting.slot(); slot.is_connected())
        slot.assign([self = shared_from_this(), number](asio::cancellation_type) { self->give_up(number); });
}

void call_stream::give_up(ticket number) {
    std::optional<waiting_reader> reader;
    std::optional<waiting_send> sender;
    {
        const std::lock_guard lock(mutex_);
        if (reader_ && reader_->number == number) move_to(reader, reader_);
        const auto found = std::ranges::find(waiting_sends_, number, &waiting_send::number);
        if (found != waiting_sends_.end()) {
            sender.emplace(std::move(*found));
            waiting_sends_.erase(found);
            if (waiting_sends_.empty() && end_asked_ && id_ != 0) write_end();
        }
    }
    if (reader) reader->waiting.complete_later(given_up());
    if (sender) sender->waiting.complete_later(given_up());
}

// The call's end.

void call_stream::answered(result<raw_reply> reply) {
    std::optional<waiting_reader> reader;
    std::optional<item_reply> ready;
    std::optional<async_completion<result<raw_reply>>> waiter;
    resumed_sends failed;
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
        if (!reply) call_failed_ = reply.error();
        fail_waiting(failed);
        move_to(reader, reader_);
        if (reader) ready = ready_item();
        move_to(waiter, answer_waiter_);
        if (!waiter) answer_ = std::move(reply);
    }
    resume(failed);
    if (reader) reader->waiting.complete(std::move(*ready));
    if (waiter) waiter->complete(std::move(reply));
}

void call_stream::stop(const failure& why) {
    std::optional<waiting_reader> reader;
    resumed_sends failed;
    {
        const std::lock_guard lock(mutex_);
        if (over_) return;
        over_ = true;
        call_failed_ = why;
        items_.clear();
        fail_waiting(failed);
        move_to(reader, reader_);
    }
    // Later, since the handler is to be cancelled where it waits, not behind that.
    for (auto& [sender, outcome] : failed) sender.complete_later(std::move(outcome));
    if (reader) reader->waiting.complete_later(why);
}

void call_stream::close() {
    std::optional<waiting_reader> reader;
    std::optional<item_reply> ready;
    resumed_sends failed;
    {
        const std::lock_guard lock(mutex_);
        move_pending();
        over_ = true;
        fail_waiting(failed);
        move_to(reader, reader_);
        if (reader) ready = ready_item();
    }
    resume(failed);
    if (reader) reader->waiting.complete(std::move(*ready));
}

}  // namespace echosocket::net

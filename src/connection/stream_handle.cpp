#include "connection/stream_handle.hpp"

#include "connection/connection_context.hpp"
#include "connection/pending_call.hpp"

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

std::shared_ptr<stream_handle> stream_handle::of_caller(connection_context& context, std::uint8_t streams) {
    return std::make_shared<stream_handle>(context.shared_from_this(), true, streams);
}

std::shared_ptr<stream_handle> stream_handle::of_callee(connection_context& context, std::uint8_t streams) {
    return std::make_shared<stream_handle>(context.shared_from_this(), false, streams);
}

stream_handle::stream_handle(std::shared_ptr<connection_context> context, bool is_caller, std::uint8_t streams)
    : stream(is_caller, streams, context->settings().limits.stream_credit), context_(std::move(context)) {}

// What the user does.

asio::awaitable<result<void>> stream_handle::send(encoded_body&& item) {
    return send_when_awaited(shared_from_this(), std::move(item));
}

asio::awaitable<result<void>> stream_handle::send_when_awaited(std::shared_ptr<stream_handle> self, encoded_body item) {
    auto done = self->send_or_not(item);
    if (done) co_return std::move(*done);
    auto turn = self->send_in_turn(std::move(item));
    auto sent = co_await std::move(turn);
    co_return sent;
}

std::optional<result<void>> stream_handle::send_or_not(encoded_body& item) {
    const std::lock_guard lock(mutex_);
    return send_at_once(item);
}

asio::awaitable<result<void>> stream_handle::send_in_turn(encoded_body&& item) {
    using waiting_for = async_completion<result<void>>;
    return waiting_for::suspend([self = shared_from_this(), item = std::move(item)](waiting_for waiting) mutable {
        const std::lock_guard lock(self->mutex_);
        // Room may have come, or the stream or the call may have ended, since this was begun.
        if (auto done = self->send_at_once(item)) return waiting.complete_later(std::move(*done));
        const ticket number = ++self->last_ticket_;
        self->on_cancel(waiting, number);
        self->sends_.push_back({number, std::move(item), std::move(waiting), {}});
        self->send_soon();
    });
}

result<void> stream_handle::end(std::optional<failure> why) {
    const std::lock_guard lock(mutex_);
    if (over_ || end_asked_) return closed_for_sending();
    end_asked_ = true;
    end_failure_ = std::move(why);
    if (end_failure_) end_failure_->origin = failure_origin::task;
    if (context_->on_strand() && sends_.empty()) {
        context_->guard([this] {
            queued_sends none;
            send_queued(none);
        });
    } else {
        send_soon();
    }
    return {};
}

asio::awaitable<stream_handle::item_reply> stream_handle::next() {
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

asio::awaitable<result<raw_reply>> stream_handle::answer() {
    if (sends()) (void)end(std::nullopt);
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

void stream_handle::cancel() {
    if (auto call = call_.lock()) context_->mailbox().cancel(std::move(call));
}

template <class T>
void stream_handle::on_cancel(const async_completion<T>& waiting, ticket number) {
    if (auto slot = waiting.slot(); slot.is_connected())
        slot.assign([self = shared_from_this(), number](asio::cancellation_type) { self->give_up(number); });
}

void stream_handle::give_up(ticket number) {
    std::optional<waiting_reader> reader;
    std::optional<async_completion<result<void>>> sender;
    {
        const std::lock_guard lock(mutex_);
        if (reader_ && reader_->number == number) move_to(reader, reader_);
        const auto found = std::ranges::find(sends_, number, &queued_send::number);
        if (found != sends_.end() && found->waiting) {
            move_to(sender, found->waiting);
            sends_.erase(found);
            send_soon();  // what was behind it may be what can be sent
        }
    }
    if (reader) reader->waiting.complete_later(given_up());
    if (sender) sender->complete_later(given_up());
}

// The call's end. Whoever waits is taken out first, so that nobody is left behind if memory runs out on the way.

void stream_handle::note_failure(const failure& why) noexcept {
    try {
        call_failed_ = why;
    } catch (...) {
        call_failed_ = out_of_memory();
    }
}

void stream_handle::answered(result<raw_reply> reply) {
    std::optional<waiting_reader> reader;
    std::optional<item_reply> ready;
    std::optional<async_completion<result<raw_reply>>> waiter;
    queued_sends failed;
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
        if (!reply) note_failure(reply.error());
        move_to(reader, reader_);
        move_to(waiter, answer_waiter_);
        fail_queued(failed);
        if (reader) ready = ready_item();
        if (!waiter) answer_ = std::move(reply);
    }
    resume(failed);
    if (reader) reader->waiting.complete(std::move(*ready));
    if (waiter) waiter->complete(std::move(reply));
}

void stream_handle::stop(const failure& why) {
    std::optional<waiting_reader> reader;
    queued_sends failed;
    {
        const std::lock_guard lock(mutex_);
        if (over_) return;
        over_ = true;
        note_failure(why);
        context_->engine().stop_stream(*this);
        forget_items();
        move_to(reader, reader_);
        fail_queued(failed);
    }
    // Later, since the handler is to be cancelled at its wait, not behind it.
    resume_later(failed);
    if (reader) reader->waiting.complete_later(why);
}

void stream_handle::close() {
    std::optional<waiting_reader> reader;
    std::optional<item_reply> ready;
    queued_sends failed;
    {
        const std::lock_guard lock(mutex_);
        if (!over_) context_->guard([&] { send_promised(failed); });
        over_ = true;
        context_->engine().stop_stream(*this);
        move_to(reader, reader_);
        fail_queued(failed);
        if (reader) ready = ready_item();
    }
    resume(failed);
    if (reader) reader->waiting.complete(std::move(*ready));
}

// What senders were told of as sent goes out before the answer, room or not.
void stream_handle::send_promised(queued_sends& sent) {
    for (; !sends_.empty() && !sends_.front().waiting; sends_.pop_front())
        (void)context_->engine().send_item(*this, sends_.front().item, protocol::streams::room::waived);
    if (sends_.empty()) send_queued(sent);  // the END, if it was asked for
}

void stream_handle::resume(queued_sends& all) {
    for (auto& each : all)
        if (each.waiting) each.waiting->complete(std::move(each.outcome));
}

void stream_handle::resume_later(queued_sends& all) {
    for (auto& each : all)
        if (each.waiting) each.waiting->complete_later(std::move(each.outcome));
}

}  // namespace echosocket::net

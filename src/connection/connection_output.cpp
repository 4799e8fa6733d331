// The writing side of a connection, and what it does as time passes.
#include "connection/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace echosocket::net {

namespace {

using std::chrono::milliseconds;

// How long the other end gets to read the last words and close, before it is closed on.
constexpr milliseconds linger{1000};
// A large frame gets more time than a small one: a second for each of these, 64 KiB/s at least.
constexpr std::size_t bytes_per_second = 64 * 1024;

}  // namespace

void connection::schedule_flush() {
    if (in_batch_ || flush_posted_) return;
    flush_posted_ = true;
    asio::post(executor_, [this, keep = shared_from_this()] {
        flush_posted_ = false;
        flush();
    });
}

void connection::flush() {
    if (!in_batch_) write_now();
}

void connection::write_now() {
    if (writing_ || state_ == connection_state::closed) return;
    if (output_.is_splitting() && socket_ != nullptr && !std::exchange(limits_unsent_, true)) socket_->limit_unsent();
    while (!output_.empty()) {
        const io_result io = output_.write_to(*transport_);
        wrote(io);
        if (io.error == asio::error::would_block) {
            refresh_now();
            write_due_ = now_ + settings_->limits.write_timeout;
            wake_at(write_due_);
            writing_ = true;
            asio::co_spawn(executor_, write_until_empty(), [this, keep = shared_from_this()](std::exception_ptr) {
                writing_ = false;
                for_room().end_of_writer.notify();
            });
            return;
        }
        notifications_out_.fill_outbox();
    }
    output_is_empty();
}

asio::awaitable<void> connection::write_until_empty() {
    while (state_ != connection_state::closed && !output_.empty()) {
        auto error = co_await transport_->wait_writable();
        if (state_ == connection_state::closed) co_return;
        refresh_now();
        io_result io{error, 0};
        if (!error) io = output_.write_to(*transport_);
        wrote(io);
        notifications_out_.fill_outbox();
    }
    if (state_ != connection_state::closed) output_is_empty();
}

void connection::wrote(const io_result& io) {
    bytes_out_.add(io.bytes);
    if (io.error && io.error != asio::error::would_block) {
        // What the other end said before it closed may still be unread, and it says why: the reader finds out.
        output_.clear();
        notifications_out_.clear();
        if (close_due_ == never) close_due_ = now_ + linger;
        wake_at(close_due_);
    } else if (io.bytes != 0 && write_due_ != never) {
        write_due_ = now_ + settings_->limits.write_timeout;
        liveness_.heard(now_);  // whoever takes much, answers no ping in time: it lies behind
    }
    if (output_.backlog() <= settings_->limits.output_soft) wake_reader();
    if (output_.size() <= settings_->limits.output_soft) {
        soft_due_ = never;
    } else if (soft_due_ == never) {
        soft_due_ = now_ + settings_->limits.output_soft_time;
        soft_bytes_out_ = bytes_out_.get();
        wake_at(soft_due_);
    }
    if (!output_is_full()) incoming_.release_held();
    if (!takes_items() && output_.backlog() <= settings_->limits.output_soft / 4) {
        items_held_back_.store(false, std::memory_order_relaxed);
        asio::post(executor_, [this, keep = shared_from_this()] { release_streams(); });
    }
}

// Streams alone never fill the outbox so far that a slow reader would be taken for one who asks for too much.
void connection::items_queued() {
    if (output_.backlog() > settings_->limits.output_soft / 2) items_held_back_.store(true, std::memory_order_relaxed);
}

void connection::await_room(std::shared_ptr<call_stream> stream) {
    if (is_over()) return;
    for_room().streams.push_back(std::move(stream));
    if (takes_items()) asio::post(executor_, [this, keep = shared_from_this()] { release_streams(); });
}

connection::room_waiters& connection::for_room() {
    if (!for_room_) for_room_ = std::make_unique<room_waiters>();
    return *for_room_;
}

// In turn: one that has used up the room again waits behind the others.
void connection::release_streams() {
    auto& waiting = for_room().streams;
    while (takes_items() && !waiting.empty()) {
        const auto next = std::move(waiting.front());
        waiting.pop_front();
        next->room_came();
    }
    flush();
}

void connection::output_is_empty() {
    write_due_ = never;
    if (state_ == connection_state::closing && !send_shut_) {
        send_shut_ = true;
        transport_->shutdown_send();
        refresh_now();
        close_due_ = now_ + linger;
        wake_at(close_due_);
    }
    finish_drain_if_done();
}

void connection::wake_at(time_point when) {
    if (!alarm_ || when >= alarm_at_) return;
    alarm_at_ = when;
    alarm_->set(when, [this] { on_alarm(); });
}

void connection::on_alarm() {
    alarm_at_ = never;
    refresh_now();
    if (state_ == connection_state::closed) {  // but for calls whose results are remembered
        incoming_.expire(now_);
        if (const auto next = incoming_.next_deadline()) wake_at(*next);
        return;
    }
    if (incoming_.running() != 0 || !outgoing_.empty() || !output_.empty()) liveness_.used(now_);
    incoming_.expire(now_);
    outgoing_.expire(now_);
    if (!is_over() && hello_due_ <= now_)
        abort(failure(errc::hello_timeout,
                      "no HELLO within " + std::to_string(settings_->limits.hello_timeout.count()) + " ms"));
    if (frame_due() <= now_) fail(failure(errc::frame_timeout, "a frame was begun and not completed in time"));
    check_output();
    check_liveness();
    flush();
    if (state_ != connection_state::closed) wake_at(next_due());
}

void connection::check_liveness() {
    if (state_ == connection_state::awaiting_hello || is_over()) return;
    switch (liveness_.check(now_)) {
        case protocol::liveness::verdict::fine:
            break;
        case protocol::liveness::verdict::send_ping:
            output_.push(wire::frame_kind::ping, 0, {}, std::string_view());
            break;
        case protocol::liveness::verdict::lost:
            abort(failure(errc::ping_timeout, "the other side answers no pings"));
            break;
        case protocol::liveness::verdict::idle:
            fail(failure(errc::idle_timeout,
                         "nothing but pings for " + std::to_string(settings_->limits.idle_timeout.count()) + " ms"));
            break;
    }
}

void connection::check_output() {
    if (close_due_ <= now_) {
        abort(failure(errc::connection_lost, "the other side closed the connection while it was written to"));
    } else if (write_due_ <= now_) {
        abort(failure(errc::write_stalled, "the other side took no byte for " +
                                               std::to_string(settings_->limits.write_timeout.count()) + " ms"));
    } else if (soft_due_ <= now_) {
        if (bytes_out_.get() - soft_bytes_out_ < settings_->limits.output_soft) {
            abort(failure(errc::slow_consumer, "the other side reads too slowly for what it asks for"));
            return;
        }
        soft_due_ = now_ + settings_->limits.output_soft_time;
        soft_bytes_out_ = bytes_out_.get();
    }
}

time_point connection::next_due() {
    auto next = std::min({close_due_, write_due_, soft_due_});
    next = std::min(next, incoming_.next_deadline().value_or(never));
    next = std::min(next, outgoing_.next_deadline().value_or(never));
    // Past ones of a connection that is ending would wake it again and again.
    if (!is_over()) next = std::min({next, hello_due_, frame_due()});
    if (state_ == connection_state::open || state_ == connection_state::draining)
        next = std::min(next, liveness_.next_check().value_or(never));
    return next;
}

void connection::watch_frame() {
    if (is_over() || (input_.size() == 0 && bytes_to_skip_ == 0)) {
        frame_begun_ = never;
    } else if (frame_begun_ == never) {
        frame_begun_ = now_;
        wake_at(frame_due());
    }
}

time_point connection::frame_due() const {
    if (frame_begun_ == never || reader_awaits_room()) return never;
    return frame_begun_ + settings_->limits.frame_timeout + std::chrono::seconds(frame_size_ / bytes_per_second);
}

}  // namespace echosocket::net

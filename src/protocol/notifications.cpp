#include "protocol/notifications.hpp"

#include "wire/utf8.hpp"

#include <utility>

namespace echosocket::protocol {

namespace {

// What lies in the output has its place on the line and is sent for sure; beyond this many bytes the rest waits where
// it can still give way.
constexpr std::size_t output_room = 64 * 1024;

}  // namespace

bool notifications::has_room(const engine_state& state) const noexcept {
    // Behind one that goes out in pieces the next has to wait, or it would arrive before it.
    return !backlog_ && state.is_introduced() && state.output.size() < output_room &&
           !state.output.is_splitting(wire::frame_kind::notify);
}

void notifications::send(engine_state& state, notification_ptr what) {
    if (state.is_over()) return;
    ++state.counts.notifications_out;
    if (state.is_introduced() && what->body_size() > state.peer.max_message) return drop_too_large(state, *what);
    if (has_room(state)) return write(state, *what);
    const auto topic = what->topic;
    if (!backlog_) backlog_ = std::make_unique<backlog>();
    count_dropped(state, backlog_->queue.push(std::move(what)), topic);
}

void notifications::count_dropped(engine_state& state, const notification_queue::outcome& came_to,
                                  std::string_view topic) {
    if (state.is_over()) return;
    if (came_to.overflowed) {
        state.abort(failure(errc::slow_consumer, "the other side does not read its notifications: the queue of topic " +
                                                     wire::printable(topic) + " is full"));
    } else if (came_to.dropped != 0) {
        if (!backlog_) backlog_ = std::make_unique<backlog>();
        if (backlog_->dropped == 0)
            warn(state,
                 "the other side reads too slowly: notifications of topic " + wire::printable(topic) + " give way");
        backlog_->dropped += came_to.dropped;
        state.counts.dropped += came_to.dropped;
    }
}

void notifications::fill(engine_state& state) {
    if (!backlog_) return;
    if (state.said_last_words || state.phase == phase::closed) return clear();
    auto waiting = std::move(backlog_);
    while (!waiting->queue.empty() && has_room(state)) write(state, *waiting->queue.pop());
    if (!waiting->queue.empty()) {
        backlog_ = std::move(waiting);
    } else if (waiting->dropped != 0) {
        warn(state, "the other side has caught up; " + std::to_string(waiting->dropped) + " notifications gave way");
    }
}

void notifications::write_all(engine_state& state) {
    while (backlog_ && !backlog_->queue.empty()) write(state, *backlog_->queue.pop());
}

void notifications::drop_too_large(engine_state& state, const notification& what) {
    ++state.counts.dropped;
    warn(state, "a notification of topic " + wire::printable(what.topic) + " with " + std::to_string(what.body_size()) +
                    " bytes is dropped: the other side takes at most " + std::to_string(state.peer.max_message));
}

void notifications::write(engine_state& state, const notification& what) {
    // It may have waited for the HELLO, which tells how much the other end takes.
    if (what.body_size() > state.peer.max_message) return drop_too_large(state, what);
    if (what.body_size() <= state.output.max_frame()) return state.output.push_encoded(what.frame);
    last_split_id_ += 1 + (last_split_id_ == UINT32_MAX ? 1U : 0U);
    state.output.push_split(wire::frame_kind::notify, last_split_id_, what.meta(), what.frame, what.body_at);
}

void notifications::warn(engine_state& state, std::string text) {
    warning_ = std::make_unique<std::string>(std::move(text));
    state.attention = true;
}

bool notifications::next_warning(event& e) {
    if (!warning_) return false;
    e.what = event::kind::warning;
    e.why = failure(errc{}, std::move(*std::exchange(warning_, nullptr)));
    return true;
}

}  // namespace echosocket::protocol

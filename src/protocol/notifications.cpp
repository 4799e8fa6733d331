#include "protocol/notifications.hpp"

#include "wire/meta.hpp"
#include "wire/utf8.hpp"

#include <algorithm>
#include <utility>

namespace echosocket::protocol {

namespace {

// What lies in the output has its place on the line and is sent for sure; beyond this many bytes the rest waits where
// it can still give way.
constexpr std::size_t output_room = 64 * 1024;

}  // namespace

void notifications::open(std::optional<std::uint32_t> window) noexcept {
    is_counted_ = window.has_value();
    send_credit_.open(window.value_or(1));  // of which nothing is spent if it is not counted
}

// Those that this end sends.

bool notifications::has_output_room(const engine_state& state) const noexcept {
    // Behind one that goes out in pieces the next has to wait, or it would arrive before it.
    return send_credit_.is_left() && state.output.size() < output_room && !is_sending_split(state);
}

bool notifications::is_sending_split(const engine_state& state) const noexcept {
    return state.output.is_splitting(wire::frame_kind::notify);
}

void notifications::send(engine_state& state, notification_ptr what) {
    if (state.is_over()) return;
    ++state.counts.notifications_out;
    if (state.is_introduced() && what->body_size() > state.peer.max_message) return drop_too_large(state, *what);
    if (has_room(state)) return write(state, *what);
    if (is_given_up_) {
        ++state.counts.dropped;
        return;
    }
    const auto topic = what->topic;
    count_dropped(state, rarely().queue.push(std::move(what)), topic);
}

void notifications::count_dropped(engine_state& state, const notification_queue::outcome& came_to,
                                  std::string_view topic) {
    if (state.is_over()) return;
    if (came_to.overflowed) {
        overflowed(state, topic);
    } else if (came_to.dropped != 0) {
        if (rarely().dropped == 0)
            warn(state, "the other side reads or handles too slowly: notifications of topic " + wire::printable(topic) +
                            " give way");
        rarely().dropped += came_to.dropped;
        state.counts.dropped += came_to.dropped;
    }
}

void notifications::overflowed(engine_state& state, std::string_view topic) {
    failure why(errc::slow_consumer,
                "the other side reads or handles its notifications too slowly: the queue of topic " +
                    wire::printable(topic) + " is full");
    // If it is the handler that is slow, the line is free, and the other end can be told.
    const bool lacks_credit = is_counted_ && !send_credit_.is_left() && state.output.size() < output_room;
    lacks_credit ? state.fail(std::move(why)) : state.abort(std::move(why));
}

void notifications::take_credit(engine_state& state, const wire::frame& f) {
    if (!is_counted_) return;
    wire::meta meta;
    if (!wire::parse_meta(f.meta, meta) || !meta.credit) {
        state.fail(failure(errc::protocol_error, "CREDIT: without its record"));
    } else if (!send_credit_.grant(*meta.credit)) {
        state.fail(failure(errc::protocol_error, "CREDIT: for notifications, more than the largest there is"));
    } else if (rare_) {
        fill(state);
    }
}

void notifications::fill(engine_state& state) {
    if (state.said_last_words || state.phase == phase::closed) return clear(state);
    while (!rare_->queue.empty() && has_output_room(state)) {
        write(state, *rare_->queue.pop());
        if (rare_->before_pong != 0) --rare_->before_pong;
    }
    answer_if_sent(state);
    if (!rare_->queue.empty()) return;
    if (const auto gave_way = std::exchange(rare_->dropped, 0); gave_way != 0)
        warn(state, "the other side has caught up; " + std::to_string(gave_way) + " notifications gave way");
    forget_rare();
}

void notifications::write_all(engine_state& state) {
    // Not behind one that goes out in pieces: it would arrive before it.
    while (waits() && send_credit_.is_left() && !is_sending_split(state)) write(state, *rare_->queue.pop());
}

void notifications::clear(engine_state& state) noexcept {
    is_given_up_ = true;
    if (!rare_) return;
    state.counts.dropped += rare_->queue.size();
    rare_->queue = {};
    rare_->dropped = 0;
    rare_->pong.reset();
    forget_rare();
}

void notifications::give_up(engine_state& state) {
    is_given_up_ = true;
    if (!waits() || state.is_over()) return;
    const auto left = rare_->queue.size();
    state.counts.dropped += left;
    rare_->queue = {};
    rare_->dropped = 0;
    answer_if_sent(state);
    warn(state, "the other side reads or handles too slowly: " + std::to_string(left) +
                    " notifications give way at the end of a drain");
}

// No request that was begun is on its way behind the PONG, nor a notification.
bool notifications::may_answer_leaving(const engine_state& state) const noexcept {
    return !is_sending_split(state) && !state.output.is_splitting(wire::frame_kind::request);
}

// What is said from now on is not waited for, or the other end might wait for ever.
void notifications::answer_leaving(engine_state& state, std::string_view ping) {
    if (waits() || !may_answer_leaving(state)) {
        auto& waiting = rarely();
        waiting.pong.emplace(ping);
        waiting.before_pong = waiting.queue.size();
    } else {
        state.output.push(wire::frame_kind::pong, 0, {}, ping);
    }
}

void notifications::answer_if_sent(engine_state& state) {
    if (!rare_->pong || (rare_->before_pong != 0 && waits()) || !may_answer_leaving(state)) return;
    state.output.push(wire::frame_kind::pong, 0, {}, *rare_->pong);
    rare_->pong.reset();
}

void notifications::drop_too_large(engine_state& state, const notification& what) {
    ++state.counts.dropped;
    warn(state, "a notification of topic " + wire::printable(what.topic) + " with " + std::to_string(what.body_size()) +
                    " bytes is dropped: the other side takes at most " + std::to_string(state.peer.max_message));
}

void notifications::write(engine_state& state, const notification& what) {
    // It may have waited for the HELLO, which tells how much the other end takes.
    if (what.body_size() > state.peer.max_message) return drop_too_large(state, what);
    if (is_counted_) send_credit_.spend(notification_cost(what.meta().size(), what.body_size()));
    if (what.body_size() <= state.output.max_frame()) return state.output.push_encoded(what.frame);
    if (++last_split_id_ == 0) ++last_split_id_;
    state.output.push_split(wire::frame_kind::notify, last_split_id_, what.meta(), what.frame, what.body_at);
}

// Those that come.

std::uint32_t notifications::window_of(const engine_state& state) noexcept {
    return static_cast<std::uint32_t>(std::min<std::size_t>(state.settings.limits.handling_queue, max_credit));
}

bool notifications::take(engine_state& state, const wire::frame& f, event& e) {
    ++state.counts.notifications_in;
    const auto cost = notification_cost(f.meta.size(), f.body.size());
    const bool fits = receive_credit_.take(window_of(state), cost);
    if (!fits && is_counted_) {
        state.fail(failure(errc::protocol_error, "NOTIFY: without the credit for it"));
        return false;
    }
    wire::meta meta;
    const bool can_be_handled = wire::parse_meta(f.meta, meta) && wire::is_valid_name(meta.name);
    if (!fits) {
        if (can_be_handled) drop_here(state, meta.name);
        return false;
    }
    if (!can_be_handled) {
        (void)handled(state, cost);
        return false;
    }
    e.what = event::kind::notification;
    e.name = meta.name;
    e.trace_id = meta.trace_id;
    e.type = meta.content_type;
    e.body = f.body;
    e.cost = cost;
    return true;
}

void notifications::drop_here(engine_state& state, std::string_view topic) {
    ++state.counts.dropped;
    if (!std::exchange(is_dropping_, true))
        warn(state, "notifications come faster than they are handled: some of topic " + wire::printable(topic) +
                        " are dropped");
}

bool notifications::handled(engine_state& state, std::size_t cost) {
    receive_credit_.handled(static_cast<std::uint32_t>(cost));
    if (receive_credit_.is_idle()) is_dropping_ = false;
    if (!is_counted_) return false;
    receive_credit_.hold_back(static_cast<std::uint32_t>(cost));
    return receive_credit_.is_due(window_of(state)) && give_credit(state);
}

bool notifications::give_credit(engine_state& state) {
    // An end that does not read what is queued for it has no use for more, and shall not fill the output with it.
    if (state.is_over() || state.output.backlog() > state.settings.limits.output_soft) return false;
    state.output.push(wire::frame_kind::credit, 0, {.credit = receive_credit_.give_back()}, std::string_view());
    return true;
}

// The log.

notifications::rare& notifications::rarely() {
    if (!rare_) rare_ = std::make_unique<rare>();
    return *rare_;
}

void notifications::forget_rare() noexcept {
    if (rare_->queue.empty() && rare_->warning.empty() && rare_->dropped == 0 && !rare_->pong) rare_.reset();
}

void notifications::warn(engine_state& state, std::string text) {
    rarely().warning = std::move(text);
    state.attention = true;
}

bool notifications::next_warning(event& e) {
    if (!rare_ || rare_->warning.empty()) return false;
    e.what = event::kind::warning;
    e.why = failure(errc{}, std::exchange(rare_->warning, {}));
    forget_rare();
    return true;
}

}  // namespace echosocket::protocol

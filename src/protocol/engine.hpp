// One end of a connection, without any I/O: every rule of docs/protocol.md, driven by bytes, commands and time.
//
//     engine.receive(bytes, now);                 // what has arrived
//     while (engine.next(event)) handle(event);   // what it means; a handler gives commands
//     engine.gather(pieces); engine.wrote(n);     // what is to be sent
//     engine.next_timeout()                       // when handle_timeout(now) is due
//
// Both ends are the same engine; its role says which ids are its own and who greets first.
#pragma once

#include "protocol/backpressure.hpp"
#include "protocol/engine_state.hpp"
#include "protocol/event.hpp"
#include "protocol/inbound_calls.hpp"
#include "protocol/notifications.hpp"
#include "protocol/outbound_calls.hpp"
#include "protocol/split_bodies.hpp"
#include "protocol/streams.hpp"
#include "wire/frame.hpp"
#include "wire/hello.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace echosocket::protocol {

/// Asks no clock: times come with the input, or by `advance`, and commands go by the last one.
///
/// Thread safety: none. No member calls back; what a command brings about is told by `next`.
class engine {
public:
    /// `ping_interval` has its jitter already; 0 sends no pings.
    engine(const engine_settings& settings, time_point now, std::chrono::milliseconds ping_interval) noexcept
        : state_(settings, now, ping_interval) {}

    // Input.
    /// Begins the life of the connection: arms the wait for the HELLO; a client says its own.
    void begin(time_point now);
    /// All bytes that have arrived and were not taken yet: those of before and the new ones. They are handled in place,
    /// by `next`.
    void receive(std::string_view bytes, time_point now);
    /// The bytes that were not taken yet lie elsewhere now.
    void input_moved(std::string_view bytes) noexcept { input_ = bytes; }
    /// The stream of bytes has ended, by itself or with an error, which `why` tells.
    void end_of_input(failure why);
    void handle_timeout(time_point now);
    void advance(time_point now) noexcept { state_.now = now; }

    /// The next thing that happened; false if there is nothing more to be made of what has arrived.
    [[nodiscard]] bool next(event& e) {
        if (!state_.attention && next_frame(e)) [[likely]]
            return true;
        return state_.attention && next_news(e);
    }

    /// Bytes of the input that are not taken yet.
    [[nodiscard]] std::size_t unread() const noexcept { return input_.size(); }
    /// Bytes that the frame at the head of the input needs in all, 0 if that is not known.
    [[nodiscard]] std::size_t wanted() const noexcept { return to_skip_ != 0 ? 0 : wanted_; }
    /// Is input left that waits for room in the output?
    [[nodiscard]] bool is_held_back() const noexcept { return held_back_; }

    // Output.
    [[nodiscard]] bool has_output() noexcept {
        if (output_is_broken_) [[unlikely]]
            state_.output.clear();
        return !state_.output.empty();
    }
    [[nodiscard]] std::size_t gather(std::span<std::string_view> into) { return state_.output.gather(into); }
    /// So many of the bytes that `gather` told have been written.
    void wrote(std::size_t bytes);
    /// The line takes no more for now.
    void blocked() { backpressure_.blocked(state_); }
    /// Nothing can be written any more. What the other end said before it closed may still be unread, and it says why.
    void output_failed();
    /// Nothing is left to write. True once, when all has been said: the sending direction is to be closed.
    [[nodiscard]] bool finishes_sending();
    /// Has something happened that `next` has not told of yet?
    [[nodiscard]] bool has_news() const noexcept { return state_.attention; }
    /// Is nothing left to write but further pieces of large bodies? Others get their turn between two of them.
    [[nodiscard]] bool only_pieces_left() const noexcept { return state_.output.only_pieces_left(); }
    [[nodiscard]] bool is_splitting() const noexcept { return state_.output.is_splitting(); }
    [[nodiscard]] bool is_blocked() const noexcept { return reading_is_held_back(state_); }

    /// When `handle_timeout` is to be called, at the latest; `never` if nothing is waited for.
    [[nodiscard]] time_point next_timeout() const noexcept { return state_.timers.next(); }

    // Commands: the connection.
    /// After `opened`: the other end is welcome.
    void accept();
    /// Tells the other end why, then closes.
    void fail(failure why) { state_.fail(std::move(why)); }
    /// Sends what is queued, then closes.
    void close(failure why) { state_.close(std::move(why)); }
    /// Closes at once.
    void abort(failure why) noexcept { state_.abort(std::move(why)); }
    /// Sends what is queued and what waits to be, tells the other end why, then closes.
    void dismiss(failure why);
    /// GOAWAY: no new calls of the other end, and the end as soon as nothing runs. If what runs elsewhere at this end
    /// may still need the other end, not before `let_go`.
    void goaway(bool is_needed = false);
    void let_go();
    /// The time of a drain is up: notifications that wait give way.
    void give_up_notifications();
    /// Something runs here besides calls that a draining connection has to wait for.
    void hold_open(bool holds);

    // Commands: calls of the other end. Each request that `next` tells of is answered once.
    void reply(std::uint32_t id, content_type type, std::string_view body);
    void reply(std::uint32_t id, content_type type, std::string&& body);
    void fail_call(std::uint32_t id, const failure& why) { state_.send_error(id, why); }
    /// The call goes on: `handler` comes back if it is to be cancelled. Before the next `next`.
    void keep(std::uint32_t id, void* handler, std::optional<time_point> deadline);
    /// A kept call has been answered, and nothing of it runs any more. False if its slot is taken until the other end
    /// has read more, which `slots_freed` tells.
    bool release(std::uint32_t id);
    /// Visits the handler of each kept call; `visit` gives no command.
    template <class Visit>
    void each_kept(Visit visit) {
        inbound_.each(visit);
    }

    // Commands: calls of this end.
    /// A failure if the call can't be made; else `next` tells of its end, once.
    [[nodiscard]] std::optional<failure> begin_call(const outbound_call_ptr& call) {
        return outbound_.begin(state_, streams_, call);
    }
    /// What the caller is to be told; empty if the call has ended. `next` tells nothing of it any more.
    [[nodiscard]] std::optional<failure> cancel_call(const outbound_call_ptr& call) {
        return outbound_.cancel(state_, streams_, call);
    }

    // Commands: streams.
    /// Of a request with streams, before its handler runs; of a call of this end that is done by itself.
    void open_stream(std::uint32_t id, stream& s) { streams_.open(state_, id, s); }
    [[nodiscard]] send_status send_item(stream& s, encoded_body& item, streams::room needed = streams::room::awaited) {
        return streams_.send(state_, s, item, needed);
    }
    void end_stream(stream& s, const std::optional<failure>& why) { streams_.end(state_, s, why); }
    void consumed(stream& s, std::size_t cost) { streams_.consumed(state_, s, cost); }
    /// The request is about to be answered, or is being cancelled: its items go no further.
    void stop_stream(stream& s) { streams::stop(s); }
    /// Nothing of the request runs any more.
    void close_stream(stream& s) { streams_.close(s); }

    // Commands: notifications.
    void notify(notification_ptr what) { notifications_.send(state_, std::move(what)); }
    /// May the next one go out at once? Else it is better to write first.
    [[nodiscard]] bool has_notification_room() const noexcept { return notifications_.has_room(state_); }
    /// What gave way before it got here.
    void count_overflow(const notification_queue::outcome& came_to, std::string_view topic);

    /// A notification that came, of that cost, is done with. True if something is to be written for it.
    bool handled(std::size_t cost) { return notifications_.handled(state_, cost); }

    // Facts.
    [[nodiscard]] protocol::phase phase() const noexcept { return state_.phase; }
    [[nodiscard]] bool is_over() const noexcept { return state_.is_over(); }
    [[nodiscard]] bool is_closed() const noexcept { return state_.phase == phase::closed; }
    /// Why the connection is over; only if it is.
    [[nodiscard]] const failure& cause() const noexcept { return state_.cause_of_end(); }
    /// The connection is over: nothing of it is read or written any more, and nothing need be kept for that.
    void forget_traffic() noexcept;
    /// Unfinished and joined bodies are counted there, which has to outlive this.
    void count_memory_in(memory_account* account) noexcept { state_.memory = account; }
    /// Did this end say GOAWAY?
    [[nodiscard]] bool is_draining() const noexcept { return state_.goaway.said; }
    /// Did either end?
    [[nodiscard]] bool is_leaving() const noexcept { return state_.goaway.said || state_.goaway.told; }
    /// Has the other end read this end's GOAWAY? What it says from then on was not said in ignorance of it.
    [[nodiscard]] bool is_known_to_leave() const noexcept { return state_.goaway.said && state_.goaway.barrier_passed; }
    [[nodiscard]] const traffic_counts& counts() const noexcept { return state_.counts; }
    [[nodiscard]] std::size_t running() const noexcept { return inbound_.running(); }
    /// Calls of this end that are not answered yet.
    [[nodiscard]] bool awaits_answers() const noexcept { return !outbound_.empty(); }
    [[nodiscard]] bool has_unsent_notifications() const noexcept { return notifications_.has_unsent(); }
    /// What that takes in memory, without what is shared with other connections.
    [[nodiscard]] std::size_t held_output_bytes() const noexcept {
        return state_.output.held_bytes() + notifications_.held_bytes();
    }
    /// What is to be written yet, also where it may still give way.
    [[nodiscard]] std::size_t queued_bytes() const noexcept {
        return state_.output.size() + notifications_.queued_bytes();
    }
    [[nodiscard]] std::uint64_t peer_max_message() const noexcept { return state_.peer.max_message; }
    [[nodiscard]] bool is_between_frames() const noexcept { return input_.empty() && to_skip_ == 0; }
    [[nodiscard]] time_point now() const noexcept { return state_.now; }

private:
    [[nodiscard]] bool next_news(event& e);
    [[nodiscard]] bool next_due(event& e);
    [[nodiscard]] bool next_end(event& e);
    [[nodiscard]] bool next_frame(event& e);
    void drop_input() noexcept;
    void skip_arrived() noexcept;
    void watch_frame();
    void unwatch_frame() noexcept {
        if (frame_begun_ == never) return;
        frame_begun_ = never;
        state_.timers.disarm(timer::frame);
    }
    void end_on_frame(const wire::parsed& bad);
    void check_drained();
    void tell_owed_reason();
    void give_up_unsent();
    void hear_credit();
    void check_liveness();
    [[nodiscard]] bool is_in_use() const noexcept;

    [[nodiscard, gnu::always_inline]] bool take(const wire::frame& f, event& e);  // on the way of every request
    [[nodiscard]] bool take_piece(const wire::frame& f, event& e);
    [[nodiscard]] bool take_whole(const wire::frame& f, event& e);
    [[nodiscard]] bool take_other(const wire::frame& f, event& e);
    [[nodiscard]] bool take_hello(const wire::frame& f, event& e);
    [[nodiscard]] bool take_error(const wire::frame& f, event& e);
    [[nodiscard]] bool take_cancel(const wire::frame& f, event& e);
    [[nodiscard]] bool take_stream_frame(const wire::frame& f, event& e);
    void take_ping(const wire::frame& f);
    [[nodiscard]] bool skip(const wire::frame& f, std::size_t size, event& e);
    void drop_reply(const wire::frame& f, event& e);
    [[nodiscard]] bool is_split_stream(const wire::frame& f) const;
    [[nodiscard]] bool refuse_split_stream(const wire::frame& f, event& e);
    [[nodiscard]] bool refuse_for_memory(const wire::frame& f, event& e);
    [[nodiscard]] bool may_begin(const wire::frame& f);
    [[nodiscard]] bool refuse_body(const wire::frame& f, std::string detail, event& e);
    [[nodiscard]] failure reply_too_large(std::size_t bytes) const;

    std::string_view input_;
    std::size_t wanted_ = 0;
    std::size_t to_skip_ = 0;  // of a frame that is too large
    time_point frame_begun_ = never;
    bool held_back_ = false;
    bool is_welcome_ = false;               // the HELLO was accepted
    bool output_is_broken_ = false;         // what was written next would land in the midst of a frame
    bool owes_reason_ = false;              // for the end, once what waits for credit has gone out
    std::unique_ptr<wire::hello> welcome_;  // the HELLO, from `opened` until the `next` behind `accept`

    engine_state state_;
    inbound_calls inbound_;
    outbound_calls outbound_;
    streams streams_;
    notifications notifications_;
    split_bodies bodies_;
    backpressure backpressure_;
};

}  // namespace echosocket::protocol

// One connection, for both ends: a coroutine that reads frames, starts calls and writes replies.
#pragma once

#include "async/async_completion.hpp"
#include "async/strand.hpp"
#include "async/strand_event.hpp"
#include "connection/connection_host.hpp"
#include "connection/connection_info.hpp"
#include "connection/incoming_calls.hpp"
#include "connection/incoming_notifications.hpp"
#include "connection/outbox.hpp"
#include "connection/outgoing_calls.hpp"
#include "connection/outgoing_notifications.hpp"
#include "connection/read_backoff.hpp"
#include "connection/settings.hpp"
#include "io/socket_transport.hpp"
#include "memory/read_buffer.hpp"
#include "protocol/body_assembler.hpp"
#include "protocol/liveness.hpp"
#include "protocol/token_bucket.hpp"
#include "wire/hello.hpp"

#include <echosocket/result.hpp>
#include <echosocket/transport.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace echosocket::net {

/// How far a connection's life has gone. Only `connection::enter` changes it.
enum class connection_state : std::uint8_t {
    awaiting_hello,  ///< Nothing but a HELLO is taken.
    open,
    draining,  ///< A GOAWAY was sent or received: what runs may end, nothing new begins.
    closing,   ///< The reason is known; the last bytes go out, what comes in is thrown away.
    closed,    ///< The transport is closed; the coroutine ends as soon as its children have.
};

/// Thread safety: everything on `executor()`, a strand of its own, but for what says otherwise.
/// Lifetime: owned by shared pointers; `run()` ends after everything that it started.
class connection final : public detail::connection_info, public std::enable_shared_from_this<connection> {
public:
    connection(std::uint64_t id, const asio::any_io_executor& base, std::unique_ptr<transport> line,
               std::shared_ptr<const connection_settings> settings, connection_host& service);
    ~connection() override;

    /// The connection's life, to be spawned on `executor()`; whoever spawns it keeps a pointer until it has ended.
    [[nodiscard]] asio::awaitable<void> run();
    /// Why it ended.
    [[nodiscard]] const failure& cause() const noexcept { return cause_; }

    // Any thread.
    [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return executor_; }
    [[nodiscard]] bool on_strand() const noexcept { return runs_here(executor_); }
    [[nodiscard]] const connection_settings& settings() const noexcept { return *settings_; }
    [[nodiscard]] echosocket::peer peer() { return echosocket::peer(shared_from_this()); }
    void log(log_level level, std::string_view text) const;
    void submit(pending_call_ptr call) { outgoing_.submit(std::move(call)); }
    void cancel(pending_call_ptr call) { outgoing_.cancel(std::move(call)); }
    void notify(notification_ptr what) { notifications_out_.submit(std::move(what)); }
    /// The same for one of many, who may be told with a mutex held: nothing happens inside this call. True where the
    /// caller owes it a turn.
    [[nodiscard]] bool queue_notification(notification_ptr what) { return notifications_out_.keep(std::move(what)); }
    /// The turn: at once where the thread is free for it, not inside anything that runs on another strand.
    void flush_pending() { notifications_out_.flush_pending(); }
    [[nodiscard]] connection_host& service() const noexcept { return service_; }
    /// The largest body that the other end takes, in bytes; of this end until the other has introduced itself.
    [[nodiscard]] std::uint64_t peer_max_message() const noexcept {
        return peer_max_message_.load(std::memory_order_relaxed);
    }
    /// May further items of streams go out? If not, a stream awaits room.
    [[nodiscard]] bool takes_items() const noexcept { return !items_held_back_.load(std::memory_order_relaxed); }

    // Asking for an end; on the strand.
    /// Answers everything with `why` and closes; for a connection that is one too many. Before `run()`.
    void refuse(failure why) {
        cause_ = std::move(why);
        was_refused_ = true;
    }
    [[nodiscard]] bool was_refused() const noexcept { return was_refused_; }
    /// GOAWAY: no new calls, an end as soon as nothing runs.
    void drain();
    /// Cancels running calls, for the end of a drain.
    void cancel_running() {
        incoming_.cancel_all(errc::cancelled);
        if (notifications_in_) notifications_in_->cancel();
    }
    /// Writes what is queued and closes.
    void close(failure why);
    /// The same, and tells the other end the reason, where there is one.
    void dismiss(std::string reason);
    /// Closes at once.
    void abort(failure why);

    // The wait for the HELLO, and for the end; on the strand.
    void await_hello(async_completion<result<void>> waiting);
    struct end_waiter {
        std::optional<async_completion<failure>> waiting;
        void end(const failure& why) {
            if (waiting) std::exchange(waiting, std::nullopt)->complete(why);
        }
    };
    void await_end(std::shared_ptr<end_waiter> waiting);
    void give_up_end(const std::shared_ptr<end_waiter>& waiting);

    // For the parts.
    [[nodiscard]] outbox& output() noexcept { return output_; }
    [[nodiscard]] time_point now() const noexcept { return now_; }
    void refresh_now() noexcept { now_ = settings_->clock->now(); }
    /// Did this end say GOAWAY? Then it takes no further calls.
    [[nodiscard]] bool is_draining() const noexcept { return said_goaway_; }
    /// Did the other end say GOAWAY? Then it takes no further calls.
    [[nodiscard]] bool was_told_to_go() const noexcept { return told_to_go_; }
    [[nodiscard]] bool takes_output() const noexcept { return !is_over(); }
    /// False until the HELLOs have been exchanged; nothing but a HELLO may go out before.
    [[nodiscard]] bool is_introduced() const noexcept { return state_ != connection_state::awaiting_hello; }
    /// Of a closed connection nobody reads what is queued, so nothing waits for room there.
    [[nodiscard]] bool output_is_full() const noexcept {
        return state_ != connection_state::closed && output_.backlog() > settings_->limits.output_hard;
    }
    [[nodiscard]] std::uint32_t peer_stream_credit() const noexcept { return peer_stream_credit_; }
    [[nodiscard]] std::uint32_t first_call_id() const noexcept { return is_server() ? 2 : 1; }
    [[nodiscard]] bool ended_by_peer() const noexcept { return ended_by_peer_; }
    /// Writes what is queued, as far as the transport takes it.
    void flush();
    /// The same, also in the midst of what is being handled now.
    void write_now();
    /// `flush()` once what is being handled now is done.
    void schedule_flush();
    /// Has `on_alarm` run at `when` at the latest.
    void wake_at(time_point when);
    /// Tells that items have been queued for writing.
    void items_queued();
    /// Tells a stream when further items may go out, after those that have waited for longer.
    void await_room(std::shared_ptr<call_stream> stream);
    void send_reply(std::uint32_t id, std::string_view body, content_type type);
    void send_reply(std::uint32_t id, std::string&& body, content_type type);
    void send_error(std::uint32_t id, const failure& why);
    /// Finds the next request for a coroutine among the frames at hand; all frames before it are handled. False where
    /// there is none.
    [[nodiscard]] bool next_request(request& next);
    void set_running(std::size_t running);
    void call_ended(bool cancelled);
    /// No handler of a notification runs any more.
    void notifications_handled();
    void count_notifications_out(std::uint64_t n) noexcept { notifications_out_count_.add(n); }
    void count_dropped(std::uint64_t notifications) noexcept { dropped_.add(notifications); }

private:
    [[nodiscard]] bool is_server() const noexcept { return settings_->role == role::server; }
    [[nodiscard]] bool is_over() const noexcept { return state_ >= connection_state::closing; }
    void enter(connection_state next);

    // connection.cpp: the life.
    void begin();
    asio::awaitable<void> end_children();
    /// Reads after a wait, which may have ended with an error; false at the connection's end.
    bool read_available(const boost::system::error_code& error, bool looks);
    void handle_frames();
    void lost(const boost::system::error_code& error);
    void fail(failure why);
    void begin_closing(failure why);
    void close_transport();
    void finish_drain_if_done();

    // connection_output.cpp: writing, and time.
    asio::awaitable<void> write_until_empty();
    void wrote(const io_result& io);
    void output_is_empty();
    void release_streams();
    void on_alarm();
    void check_liveness();
    void check_output();
    void watch_frame();
    [[nodiscard]] time_point frame_due() const;
    [[nodiscard]] time_point next_due();

    // connection_bodies.cpp: bodies in pieces, and such as are too large.
    void skip(const wire::frame& f, std::size_t size);
    void skip_arrived();
    void refuse_body(const wire::frame& f, std::string detail);
    void refuse_item(std::uint32_t id, failure why);
    [[nodiscard]] bool may_begin(const wire::frame& f);
    [[nodiscard]] protocol::body_assembler& assembler();

    // connection_frames.cpp: what each frame means.
    [[nodiscard]] wire::frame_limits limits_of_next_frame() const noexcept;
    [[nodiscard]] bool could_be_hello();
    // Each of these returns true where the frame was a request for a coroutine, which is in `next` then.
    [[nodiscard]] bool handle(const wire::frame& f, request& next);
    [[nodiscard]] bool handle_piece(const wire::frame& f, request& next);
    [[nodiscard]] bool handle_whole(const wire::frame& f, const std::shared_ptr<const joined_message>& message,
                                    request& next);
    void handle_other(const wire::frame& f);
    void fail_on_frame(errc error, std::string_view detail);
    void handle_hello(const wire::frame& f);
    void say_hello();
    void handle_cancel(const wire::frame& f);
    void handle_notify(const wire::frame& f);
    void handle_stream_frame(const wire::frame& f);
    void handle_ping(const wire::frame& f);
    void handle_connection_error(const wire::frame& f);
    void handle_goaway();
    [[nodiscard]] failure reply_too_large(std::size_t bytes) const;
    void push_error(std::uint32_t id, const failure& why);
    void charge_abuse();

    // connection_requests.cpp: from a REQUEST to its handler.
    [[nodiscard]] bool handle_request(const wire::frame& f, const std::shared_ptr<const joined_message>& message,
                                      request& next);
    [[nodiscard]] bool check_request_id(std::uint32_t id);
    void fail_on_request_id(std::uint32_t id);
    [[nodiscard]] std::optional<time_point> deadline_of(const request_head& head, time_point arrived) const;
    [[nodiscard]] bool may_start(const request& r) const;
    [[nodiscard]] failure refusal_of(const request& r) const;
    void refuse_request(std::uint32_t id, const failure& why);
    void keep_alive(const std::shared_ptr<const joined_message>& message, request& next);

    static constexpr std::string_view drain_barrier = "goaway";
    static constexpr time_point never = time_point::max();

    /// Who waits because the other end does not read.
    struct room_waiters {
        strand_event reader;
        strand_event end_of_writer;
        std::list<std::shared_ptr<call_stream>> streams;  ///< Have items to send, the first one next.
    };
    [[nodiscard]] room_waiters& for_room();
    [[nodiscard]] bool reader_awaits_room() const noexcept { return for_room_ && for_room_->reader.waiting(); }
    void wake_reader() {
        if (reader_awaits_room()) for_room_->reader.notify();
    }

    std::shared_ptr<const connection_settings> settings_;  ///< Keeps the service alive too.
    connection_host& service_;
    std::unique_ptr<transport> transport_;
    socket_transport* socket_;  ///< The transport, where it is a socket: such a one is waited for without a frame.
    asio::any_io_executor executor_;

    connection_state state_ = connection_state::awaiting_hello;
    bool in_batch_ = false;
    bool held_back_ = false;  ///< Frames at hand wait for room in the outbox.
    bool flush_posted_ = false;
    bool limits_unsent_ = false;
    bool writing_ = false;  ///< The writer coroutine waits for room in the transport.
    bool was_refused_ = false;
    bool was_opened_ = false;  ///< The service knows of this connection.
    bool said_goaway_ = false;
    bool told_to_go_ = false;
    bool drain_barrier_passed_ = false;
    bool send_shut_ = false;
    bool ended_by_peer_ = false;

    read_backoff read_backoff_;
    read_buffer input_;
    std::size_t frame_size_ = 0;  ///< What the frame at the head of the input needs; 0 where that is not known.
    std::size_t bytes_to_skip_ = 0;
    std::unique_ptr<protocol::body_assembler> assembler_;
    std::uint32_t last_request_ = 0;
    request_head last_head_;

    outbox output_;
    std::atomic<bool> items_held_back_ = false;
    std::unique_ptr<room_waiters> for_room_;  ///< Made by the first one that waits.

    incoming_calls incoming_;
    outgoing_calls outgoing_;
    std::unique_ptr<incoming_notifications> notifications_in_;  ///< Made by the first one.
    outgoing_notifications notifications_out_;
    std::atomic<std::uint64_t> peer_max_message_;
    std::uint32_t peer_stream_credit_ = 0;

    std::unique_ptr<alarm> alarm_;
    time_point now_;
    time_point alarm_at_ = never;
    time_point hello_due_ = never;
    time_point frame_begun_ = never;
    time_point close_due_ = never;
    time_point write_due_ = never;
    time_point soft_due_ = never;
    std::uint64_t soft_bytes_out_ = 0;
    protocol::liveness liveness_;
    std::unique_ptr<protocol::token_bucket> abuse_budget_;  ///< Used up by what is provoked; made by the first.

    failure cause_;
    std::optional<async_completion<result<void>>> hello_waiter_;
    std::vector<std::shared_ptr<end_waiter>> end_waiters_;
};

}  // namespace echosocket::net

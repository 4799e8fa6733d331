// The driver of one connection, for both ends: a coroutine that reads, and one that writes when the line is full.
#pragma once

#include "async/async_completion.hpp"
#include "async/strand_event.hpp"
#include "connection/connection_context.hpp"
#include "connection/dispatcher.hpp"
#include "connection/read_backoff.hpp"
#include "io/socket_transport.hpp"

#include <echosocket/result.hpp>
#include <echosocket/transport.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>

namespace echosocket::net {

/// Moves bytes and time between a transport and an engine; what the bytes mean is the engine's to say, and whom it
/// concerns the dispatcher's.
///
/// Thread safety: everything on `executor()`, except what the context says otherwise.
/// Lifetime: owned by shared pointers; `run()` ends after everything that it started.
class connection final : public connection_context {
public:
    /// `address` is where `io` leads to.
    connection(std::uint64_t id, std::string address, const asio::any_io_executor& base, std::unique_ptr<transport> io,
               std::shared_ptr<const connection_settings> settings, connection_host& host);
    ~connection() override;

    /// The connection's life, to be spawned on `executor()`; whoever spawns it keeps a pointer until it has ended.
    [[nodiscard]] asio::awaitable<void> run();
    /// Why it ended; after `run()`.
    [[nodiscard]] const failure& cause() const noexcept { return engine_.cause(); }
    /// Did the other end close it, in order and for no reason?
    [[nodiscard]] bool ended_by_peer() const noexcept { return ended_by_peer_; }

    // Asking for an end.
    /// Tells the other end why it is not taken, and closes; before `run()`.
    void refuse(failure why);
    [[nodiscard]] bool was_refused() const noexcept { return was_refused_; }
    /// GOAWAY: no new calls of the other end. The connection stays until `let_go`, and until nothing runs on it.
    void drain();
    void let_go();
    /// Cancels running calls, for the end of a drain.
    void cancel_running();
    /// Writes what is queued and closes.
    void close(failure why);
    /// The same unless a call of this end waits for its answer, or one of the other end runs. False if so.
    bool close_if_unused(failure why);
    /// Closes at once.
    void abort(failure why);
    /// Closes at once, since all connections hold more memory than they may, and this one most. The other end is told
    /// if it reads.
    void give_up_memory();

    /// Completes when the HELLOs have been exchanged, or with why they were not.
    void await_hello(async_completion<result<void>> waiting);

    void flush() noexcept override;
    void flush_soon() noexcept override;
    void write_now() override;
    void dismiss(std::string reason) override;
    void broke(const std::exception_ptr& thrown) noexcept override;

private:
    void context_goes() noexcept override;
    [[nodiscard]] socket_transport& socket() noexcept { return static_cast<socket_transport&>(*transport_); }
    void begin();
    void dispatch();
    [[nodiscard]] bool read_available(const boost::system::error_code& error, bool looks);
    void lost(const boost::system::error_code& error);
    [[nodiscard]] asio::awaitable<void> write_when_writable();
    /// False if the line takes no more for now.
    [[nodiscard]] bool write_what_fits();
    void start_writer();
    void writer_ended(const std::exception_ptr& thrown) noexcept;
    void wake_waiting();
    void forget_traffic() noexcept;
    /// What the line holds in memory: a block with an unfinished frame, and what waits to be written.
    void count_traffic() noexcept;
    void arm_alarm();
    [[nodiscard]] asio::awaitable<void> end_children();

    std::unique_ptr<transport> transport_;
    dispatcher dispatcher_;
    std::unique_ptr<alarm> alarm_;
    time_point alarm_at_ = protocol::never;
    read_backoff read_backoff_;
    bool is_socket_;  // such a transport is waited for without a frame
    bool dispatching_ = false;
    bool flush_posted_ = false;
    bool writing_ = false;  // a coroutine waits for room on the line
    bool limits_unsent_ = false;
    bool was_refused_ = false;
    bool ended_by_peer_ = false;
    bool transport_closed_ = false;
    std::uint32_t traffic_held_ = 0;  // bytes that are counted as held in memory

    /// What few connections ever wait for.
    struct waits {
        strand_event room;  // the reader, for the other end to read
        strand_event end_of_writer;
        std::optional<async_completion<result<void>>> hello;
    };
    [[nodiscard]] waits& waiting();
    std::unique_ptr<waits> waits_;
};

}  // namespace echosocket::net

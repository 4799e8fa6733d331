// The other end of a connection, which either end can call, notify and stream to.
#pragma once

#include <echosocket/call_options.hpp>
#include <echosocket/codec.hpp>
#include <echosocket/detail/call_interface.hpp>
#include <echosocket/result.hpp>
#include <echosocket/stream.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>

namespace echosocket {

namespace detail {
class connection_info;
}

/// What is known of one connection, as it was at the moment of asking.
struct session_info {
    std::uint64_t id = 0;
    std::string name;  ///< As in the HELLO; untrusted text.
    std::string address;
    std::chrono::milliseconds age{};  ///< Since it was accepted.
    std::size_t running_calls = 0;
    std::uint64_t calls = 0;  ///< Requests taken so far.
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::size_t queued_bytes = 0;         ///< Output that waits for this peer to read, its line being full.
    std::uint64_t notifications_in = 0;   ///< From this peer, also those without a handler here.
    std::uint64_t notifications_out = 0;  ///< Handed to the connection, to be sent.
    std::uint64_t dropped = 0;  ///< Notifications to and from this peer, because it or a handler here was too slow.
};

/// A cheap, copyable handle to the other end of a connection.
///
/// Thread safety: every member may be called from any thread.
/// Lifetime: stays valid after the connection has ended, and after its `io_context`; `connected()` is then false, and
/// calls fail with the reason.
class peer final : public detail::call_interface {
public:
    peer() = default;
    explicit peer(std::shared_ptr<detail::connection_info> session, std::optional<time_point> deadline = {},
                  std::string_view trace_id = {});

    /// Unique among the connections of one server; counted from 1. 0 for a handle to nobody.
    [[nodiscard]] std::uint64_t id() const noexcept;
    /// The name that the other end gave in its HELLO; untrusted text.
    [[nodiscard]] std::string name() const;
    /// `127.0.0.1:4711`, `unix:/path` or `memory`.
    [[nodiscard]] std::string address() const;
    [[nodiscard]] bool connected() const noexcept;
    [[nodiscard]] session_info info() const;

    // Calls, streams and notifications; detail/call_interface.hpp says more of each.

    /// `call<T>(task, args...)` calls a task of the other end and awaits its reply, also from inside a handler that
    /// this peer called; `call<T>(options, task, args...)` with a timeout of its own, for example.
    ///
    /// Deadlines: a handle from `task_context::peer()` calls within the deadline of the call that is served.
    using call_interface::call;
    /// The same with a body that is already encoded, and hands out the reply's bytes as they came.
    using call_interface::call_raw;
    /// `open<T, Out, In>(task, args...)`, also with options, calls a task with streams: see `stream_call`.
    using call_interface::open;
    /// `notify(topic, args...)`, also with options, tells the other end something, and waits for nothing.
    using call_interface::notify;
    /// The same with a body that is already encoded.
    using call_interface::notify_raw;

    /// Ends the connection once what is queued has been written, notifications that wait for a slow handler included,
    /// or `limits::write_timeout` has passed; the other end is told the reason.
    void close(std::string_view reason = {}) const;

    /// Attaches data of your own to the connection, in place of what was attached before.
    template <class T>
    void set_data(std::shared_ptr<T> data) const {
        set_any_data(std::move(data), typeid(T));
    }
    /// What was attached; nullptr if nothing was, or it is no `T`.
    template <class T>
    [[nodiscard]] std::shared_ptr<T> data() const {
        return std::static_pointer_cast<T>(any_data(typeid(T)));
    }

    friend bool operator==(const peer& a, const peer& b) noexcept { return a.session_ == b.session_; }

    [[nodiscard]] const std::shared_ptr<detail::connection_info>& session() const noexcept { return session_; }

private:
    pending_reply do_call(std::string_view task, encoded_body&& body, const call_options& options) const override;
    stream_ptr do_open(std::string_view task, encoded_body&& body, std::uint8_t streams,
                       const call_options& options) const override;
    result<void> do_notify(std::string_view topic, encoded_body&& body, const notify_options& options) const override;
    [[nodiscard]] call_options inherited(const call_options& options) const;
    void set_any_data(std::shared_ptr<void> data, std::type_index type) const;
    [[nodiscard]] std::shared_ptr<void> any_data(std::type_index type) const;

    std::shared_ptr<detail::connection_info> session_;
    std::optional<time_point> deadline_;
    std::string trace_id_;
};

}  // namespace echosocket

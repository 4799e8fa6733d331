// Several connections that are used as one.
#pragma once

#include <echosocket/call_options.hpp>
#include <echosocket/client.hpp>
#include <echosocket/codec.hpp>
#include <echosocket/config.hpp>
#include <echosocket/detail/call_interface.hpp>
#include <echosocket/detail/safe_in_co_await.hpp>
#include <echosocket/peer.hpp>
#include <echosocket/result.hpp>
#include <echosocket/shutdown_report.hpp>
#include <echosocket/stream.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace echosocket {

/// Which of a pool's clients the next call goes to. One that is not connected is skipped while another one is.
enum class choice : std::uint8_t {
    round_robin,   ///< One after the other.
    least_loaded,  ///< The one with the fewest calls and streams of this pool in flight; of several, one after the
                   ///< other.
};

/// How many clients a pool has, and how they connect and call.
struct client_pool_config {
    client_config client{};  ///< For each of them; its `on_state` is called from several strands at once.
    std::size_t size = 4;    ///< Clients, 1 to 10,000; each costs a connection at both ends.
    echosocket::choice choice = choice::round_robin;
};

/// A fixed number of clients, to one server or spread over several, of which each call takes one.
///
/// Each client is told of all the addresses and begins with another one, so that they spread evenly; with
/// `address_order::random` each has its own order. With `client_config::reconnect` a client that loses its connection
/// reconnects; without, the pool does without it. If none is connected, a call waits for the client that it was given
/// to, and notifications and streams fail at once.
///
/// Calls through different clients may overtake one another, and notifications too: what has to stay in order belongs
/// to a single `client`.
///
/// Thread safety: a pool may be copied and its members called from any thread and any executor; a call resumes on the
/// executor of the coroutine that awaits it.
/// Lifetime: a cheap, copyable handle. The connections close when the last copy goes; to know that nothing of them is
/// left running (before the `io_context` goes), await `close()` or let the `io_context` run out of work.
class client_pool final : public detail::call_interface {
public:
    client_pool() = default;

    /// Connects all clients at the same time to one address, or to several, each as `client::connect` does.
    ///
    /// With `client_config::reconnect` this succeeds as soon as all have tried and one of them is connected; the others
    /// go on trying. Without, all of them have to connect.
    ///
    /// Errors: those of `client::connect`, of the client that failed first; then nothing is left open. Throws
    /// `usage_error(invalid_config)`. Cancellation: terminal, partial, total; ends with `cancelled`.
    [[nodiscard]] static asio::awaitable<result<client_pool>> connect(std::string address);
    [[nodiscard]] static asio::awaitable<result<client_pool>> connect(std::string address,
                                                                      const client_pool_config& config);
    [[nodiscard]] static asio::awaitable<result<client_pool>> connect(std::vector<std::string> addresses,
                                                                      const client_pool_config& config);
    /// The same over transports that the caller makes for each attempt; each dialer counts as an address.
    [[nodiscard]] static asio::awaitable<result<client_pool>> connect(std::vector<dialer> dialers,
                                                                      const client_pool_config& config);
    /// The same to a server in this process, without sockets. With `reconnect` the server outlives the pool.
    [[nodiscard]] static asio::awaitable<result<client_pool>> connect(server& target, const client_pool_config& config);

    /// Any of these with a config that is made in place, which GCC 12 can't: there it needs a name of its own.
    template <class To>
    [[nodiscard]] static asio::awaitable<result<client_pool>> connect(To&& to, client_pool_config&& config) {
        detail::check_safe_in_co_await<To, client_pool_config>();
        return connect(std::forward<To>(to), std::as_const(config));
    }

    // Calls, streams and notifications; detail/call_interface.hpp says more of each.

    /// `call<T>(task, args...)`, also with options, calls a task through one of the clients and awaits its reply.
    /// Arguments are encoded, and the client is chosen, before this returns.
    ///
    /// Errors: those of `client::call`.
    /// Cancellation: terminal, partial, total; the handler at the server is cancelled too.
    using call_interface::call;
    /// The same with a body that is already encoded, and hands out the reply's bytes as they came.
    using call_interface::call_raw;
    /// `open<T, Out, In>(task, args...)`, also with options, calls a task with streams through one of the clients. It
    /// is in flight until what is returned and the ends taken from it are gone.
    ///
    /// Errors: all of them come from the parts of what is returned.
    using call_interface::open;
    /// `notify(topic, args...)`, also with options, tells one of the servers something, and waits for nothing.
    ///
    /// Errors: those of `client::notify`.
    using call_interface::notify;
    /// The same with a body that is already encoded.
    using call_interface::notify_raw;

    /// Leaves all servers in order, as `client::drain` does, within `timeout` (10 s without one). All of them stay
    /// until no handler of the pool runs any more, because one may call any of them.
    ///
    /// Cancellation: terminal, partial, total; returns at once, and the drain goes on by itself.
    [[nodiscard]] asio::awaitable<shutdown_report> drain();
    [[nodiscard]] asio::awaitable<shutdown_report> drain(std::chrono::milliseconds timeout);
    /// Ends every pending call with `connection_closed`, closes all clients, and returns when nothing is left running.
    ///
    /// Cancellation: terminal, partial, total; returns at once, and the connections close by themselves.
    [[nodiscard]] asio::awaitable<void> close();

    /// All clients, connected or not.
    [[nodiscard]] std::size_t size() const noexcept;
    /// Clients that are connected at this moment.
    [[nodiscard]] std::size_t connected() const noexcept;

    class impl;

private:
    explicit client_pool(std::shared_ptr<impl> state) : impl_(std::move(state)) {}
    pending_reply do_call(std::string_view task, encoded_body&& body, const call_options& options) const override;
    stream_ptr do_open(std::string_view task, encoded_body&& body, std::uint8_t streams,
                       const call_options& options) const override;
    result<void> do_notify(std::string_view topic, encoded_body&& body, const notify_options& options) const override;

    std::shared_ptr<impl> impl_;
};

}  // namespace echosocket

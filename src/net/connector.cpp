#include "net/connector.hpp"

#include "net/resolve.hpp"
#include "net/socket_transport.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <cerrno>
#include <string>
#include <utility>

namespace echosocket::net {
namespace {

using boost::system::error_code;

/// What is under way, so that the alarm can end it.
struct attempt {
    explicit attempt(const asio::any_io_executor& executor) : socket(executor) {}

    void time_out() {
        timed_out = true;
        if (lookup) lookup->cancel();
        error_code ignored;
        socket.close(ignored);
    }

    stream_socket socket;
    std::shared_ptr<name_lookup> lookup;
    bool timed_out = false;
};

std::string refusal(const address& where, error_code error, std::size_t tried) {
    const auto name = to_string(where);
    const std::string places = tried > 1 ? ", at none of its " + std::to_string(tried) + " addresses" : "";
    if (error == asio::error::connection_refused) return "connection refused: nobody listens at " + name + places;
    if (error.value() == ENOENT) return "nobody listens at " + name + ": there is no such socket";
    return "cannot connect to " + name + places + ": " + error.message();
}

// A connect to a free port of this machine may be given that same port to come from, and then meets itself.
bool met_itself(const stream_socket& socket) {
    error_code error;
    const auto local = socket.local_endpoint(error);
    if (error || local.protocol().family() == AF_UNIX) return false;
    return local == socket.remote_endpoint(error);
}

asio::awaitable<error_code> connect_one(attempt& current, stream_endpoint where) {
    error_code error;
    current.socket.close(error);
    current.socket.open(where.protocol(), error);
    if (error) co_return error;
    set_tcp_options(current.socket.native_handle(), where.protocol().family());
    const auto token = asio::as_tuple(asio::deferred);
    auto connecting = current.socket.async_connect(where, token);
    const auto [outcome] = co_await std::move(connecting);
    if (!outcome && !current.timed_out && met_itself(current.socket)) co_return asio::error::connection_refused;
    co_return outcome;
}

asio::awaitable<result<endpoints>> find_endpoints(attempt& current, const address& where) {
    if (const auto literal = literal_endpoint(where)) co_return endpoints{*literal};
    current.lookup = name_lookup::start(where);
    auto found = co_await current.lookup->wait();
    co_return found;
}

asio::awaitable<result<std::unique_ptr<transport>>> try_all(attempt& current, const address& where) {
    auto found = co_await find_endpoints(current, where);
    if (!found) co_return failure(std::move(found.error()));
    if (current.timed_out) co_return failure(errc::cancelled);  // while the answer was on its way here
    error_code last = asio::error::host_not_found;
    for (const auto& endpoint : *found) {
        last = co_await connect_one(current, endpoint);
        if (current.timed_out || last == asio::error::operation_aborted) co_return failure(errc::cancelled);
        if (!last) co_return std::make_unique<socket_transport>(std::move(current.socket));
    }
    co_return failure(errc::connect_failed, refusal(where, last, found->size()));
}

}  // namespace

asio::awaitable<result<std::unique_ptr<transport>>> connect_to(address where, clock& time,
                                                               std::chrono::milliseconds timeout) {
    const auto executor = co_await asio::this_coro::executor;
    attempt current(executor);
    const auto timer = time.make_alarm(executor);
    timer->set(time.now() + timeout, [&current] { current.time_out(); });

    result<std::unique_ptr<transport>> connection = failure(errc::cancelled);
    try {
        connection = co_await try_all(current, where);
    } catch (const boost::system::system_error& error) {
        if (error.code() != asio::error::operation_aborted) throw;  // else cancelled between two waits
    }
    if (current.timed_out)
        co_return failure(errc::connect_timeout, "no connection to " + to_string(where) + " within " +
                                                     std::to_string(timeout.count()) + " ms");
    if (!connection && connection.error().code == errc::cancelled)
        co_return failure(errc::cancelled, "connecting to " + to_string(where) + " was cancelled");
    co_return connection;
}

}  // namespace echosocket::net

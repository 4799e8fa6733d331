#include "io/connector.hpp"

#include "async/async_completion.hpp"
#include "async/strand.hpp"
#include "io/resolve.hpp"
#include "io/socket_transport.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <cerrno>
#include <exception>
#include <string>
#include <utility>

namespace echosocket::net {
namespace {

using boost::system::error_code;
using std::chrono::milliseconds;
using connection_result = result<std::unique_ptr<transport>>;

std::string refusal(const address& where, error_code error, std::size_t tried) {
    const auto name = to_string(where);
    const std::string places = tried > 1 ? ", at none of its " + std::to_string(tried) + " addresses" : "";
    if (error == asio::error::connection_refused) return "connection refused: nobody listens at " + name + places;
    if (error.value() == ENOENT) return "nobody listens at " + name + ": there is no such socket";
    if (error == asio::error::try_again) return name + " has too many connections waiting to be accepted";
    return "cannot connect to " + name + places + ": " + error.message();
}

/// Asio may report success for a socket that is not connected; returns the actual error.
error_code check_connected(const stream_socket& socket) {
    error_code error;
    const auto remote = socket.remote_endpoint(error);
    // A Unix socket whose backlog is full returns EAGAIN, which Asio takes for "in progress".
    if (error == asio::error::not_connected) return asio::error::try_again;
    if (error || remote.protocol().family() == AF_UNIX) return error;
    // A connect to a free local port may get that same port as its source, and then connects to itself.
    if (socket.local_endpoint(error) == remote) return asio::error::connection_refused;
    return {};
}

/// One attempt on a strand of its own, so that its alarm and its cancellation never run concurrently with it.
class attempt : public std::enable_shared_from_this<attempt> {
public:
    attempt(asio::any_io_executor strand, address where, clock& time, milliseconds timeout)
        : strand_(std::move(strand)),
          where_(std::move(where)),
          time_(time),
          timeout_(timeout),
          socket_(beneath_strand(strand_)) {}

    asio::awaitable<connection_result> run() {
        const auto keep = shared_from_this();
        const auto timer = time_.make_alarm(strand_);
        timer->set(time_.now() + timeout_, [this] { end(errc::connect_timeout); });
        auto connection = co_await try_all();
        if (ended_) co_return failure(*ended_, why_ended());
        co_return connection;
    }

    void cancel() { end(errc::cancelled); }

    [[nodiscard]] const asio::any_io_executor& strand() const noexcept { return strand_; }
    [[nodiscard]] failure broken() const {
        return {errc::connect_failed, "cannot connect to " + to_string(where_) + ": out of memory or descriptors"};
    }

private:
    void end(errc why) {
        if (ended_) return;
        ended_ = why;
        if (lookup_) lookup_->cancel();
        error_code ignored;
        socket_.close(ignored);
    }

    std::string why_ended() const {
        if (*ended_ == errc::cancelled) return "connecting to " + to_string(where_) + " was cancelled";
        return "no connection to " + to_string(where_) + " within " + std::to_string(timeout_.count()) + " ms";
    }

    // If the attempt has been ended, `run` replaces any failure of this by the reason for that.
    asio::awaitable<connection_result> try_all() {
        auto found = co_await find_endpoints();
        if (!found) co_return failure(std::move(found.error()));
        error_code last;
        for (const auto& endpoint : *found) {
            if (ended_) co_return failure(*ended_);
            last = co_await connect_one(endpoint);
            if (!last) co_return std::make_unique<socket_transport>(std::move(socket_));
        }
        co_return failure(errc::connect_failed, refusal(where_, last, found->size()));
    }

    asio::awaitable<result<endpoints>> find_endpoints() {
        if (auto literal = literal_endpoint(where_)) co_return endpoints(1, *literal);
        lookup_ = name_lookup::start(where_);
        auto found = co_await lookup_->wait();
        co_return found;
    }

    asio::awaitable<error_code> connect_one(stream_endpoint endpoint) {
        error_code error;
        socket_.close(error);
        socket_.open(endpoint.protocol(), error);
        if (error) co_return error;
        set_tcp_options(socket_.native_handle(), endpoint.protocol().family());
        const auto token = asio::as_tuple(asio::deferred);
        auto connecting = socket_.async_connect(endpoint, token);
        const auto [outcome] = co_await std::move(connecting);
        if (outcome || ended_) co_return outcome;
        co_return check_connected(socket_);
    }

    const asio::any_io_executor strand_;
    const address where_;
    clock& time_;
    const milliseconds timeout_;
    stream_socket socket_;
    std::shared_ptr<name_lookup> lookup_;
    std::optional<errc> ended_;
};

}  // namespace

asio::awaitable<connection_result> connect_to(address where, clock& time, milliseconds timeout) {
    const auto executor = co_await asio::this_coro::executor;
    const auto current = std::make_shared<attempt>(make_strand_beside(executor), std::move(where), time, timeout);
    using waiting_caller = async_completion<connection_result>;
    auto outcome = waiting_caller::suspend([current](waiting_caller caller) {
        if (auto slot = caller.slot(); slot.is_connected())
            slot.assign([current](asio::cancellation_type) {
                asio::post(current->strand(), [current] { current->cancel(); });
            });
        auto answer = [current, caller = std::move(caller)](std::exception_ptr error, connection_result got) mutable {
            caller.complete(error ? connection_result(current->broken()) : std::move(got));
        };
        asio::co_spawn(current->strand(), current->run(), std::move(answer));
    });
    auto connection = co_await std::move(outcome);
    co_return connection;
}

}  // namespace echosocket::net

#include "io/listener.hpp"

#include "async/strand.hpp"
#include "io/socket_transport.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

namespace echosocket::net {
namespace {

using boost::system::error_code;
using std::chrono::milliseconds;

// Enough for a burst; after that, the existing connections must get to run.
constexpr int accepts_per_wakeup = 64;
constexpr milliseconds first_pause{10};
constexpr milliseconds longest_pause{1'000};

/// The connection died before it was accepted, or had a network error pending: accept(2) says to try again.
bool concerns_one_connection(int error) noexcept {
    switch (error) {
        case EINTR:
        case ECONNABORTED:
        case EPERM:  // blocked by a firewall
        case EPROTO:
        case ENOPROTOOPT:
        case EOPNOTSUPP:
        case ENETDOWN:
        case ENETUNREACH:
        case EHOSTDOWN:
        case EHOSTUNREACH:
        case ENONET:
            return true;
        default:
            return false;
    }
}

}  // namespace

result<std::unique_ptr<listener>> listener::open(const asio::any_io_executor& executor, const address& where,
                                                 clock& time) {
    auto socket = open_listening_socket(where);
    if (!socket) return failure(std::move(socket.error()));
    try {
        return std::make_unique<listener>(executor, std::move(*socket), time);
    } catch (const boost::system::system_error& error) {
        return failure(errc::listen_failed, "cannot listen at " + to_string(where) + ": " + error.code().message());
    }
}

listener::listener(asio::any_io_executor executor, listening_socket socket, clock& time)
    : base_(beneath_strand(executor)),
      time_(time),
      local_(std::move(socket.local)),
      family_(socket.family),
      file_(std::move(socket.file)),
      socket_(base_, socket.descriptor.get()) {
    (void)socket.descriptor.release();
}

listener::~listener() = default;

void listener::close() {
    {
        const std::lock_guard lock(closing_);
        closed_ = true;
        file_.remove();
        error_code ignored;
        socket_.close(ignored);
    }
    if (over_.waiting()) alarm_->set(time_.now(), [this] { over_.notify(); });
}

void listener::stop_listening() noexcept {
    const std::lock_guard lock(closing_);
    if (closed_) return;
    stopped_ = true;
    file_.remove();
    // Not closed: the strand may be about to use the descriptor.
    (void)::shutdown(socket_.native_handle(), SHUT_RDWR);
}

asio::awaitable<void> listener::accept_loop(accepted_handler accepted, exhausted_handler exhausted) {
    const auto executor = co_await asio::this_coro::executor;
    alarm_ = time_.make_alarm(executor);
    auto next_pause = first_pause;
    while (!closed_) {
        const auto token = asio::as_tuple(asio::deferred);
        auto waiting = socket_.async_wait(asio::posix::stream_descriptor::wait_read, token);
        const auto [woken] = co_await std::move(waiting);
        if (closed_ || stopped_ || woken == asio::error::operation_aborted) break;
        const auto got = woken ? haul{0, woken} : accept_waiting(accepted);
        if (got.connections != 0 || !got.error) next_pause = first_pause;
        if (!got.error) continue;
        if (exhausted) exhausted(got.error, next_pause);
        const bool go_on = co_await pause(next_pause);
        if (!go_on) break;
        next_pause = std::min(2 * next_pause, longest_pause);
    }
    alarm_.reset();
}

asio::awaitable<bool> listener::pause(milliseconds length) {
    alarm_->set(time_.now() + length, [this] { over_.notify(); });
    try {
        co_await over_.wait();
    } catch (const boost::system::system_error&) {
        co_return false;
    }
    co_return !closed_;
}

listener::haul listener::accept_waiting(const accepted_handler& accepted) {
    haul got;
    try {
        for (int i = 0; i != accepts_per_wakeup && !closed_; ++i)
            if (!accept_one(accepted, got)) break;
    } catch (const std::bad_alloc&) {
        got.error = asio::error::no_memory;
    }
    return got;
}

bool listener::accept_one(const accepted_handler& accepted, haul& got) {
    unique_descriptor taken(::accept4(socket_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!taken) {
        if (errno == EAGAIN) return false;
        if (concerns_one_connection(errno)) return true;
        got.error.assign(errno, asio::error::get_system_category());
        return false;
    }
    stream_socket connection(base_);
    connection.assign(asio::generic::stream_protocol(family_, 0), taken.get(), got.error);
    if (got.error) return false;
    (void)taken.release();
    ++got.connections;
    accepted(std::make_unique<socket_transport>(std::move(connection)));
    return true;
}

}  // namespace echosocket::net

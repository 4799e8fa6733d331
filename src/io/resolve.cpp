#include "io/resolve.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <netdb.h>
#include <pthread.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>
#include <utility>

namespace echosocket::net {
namespace {

failure cannot_resolve(const address& where, const std::string& reason) {
    return {errc::resolve_failed, "the host name \"" + where.host + "\" has no address: " + reason};
}

/// Blocks all signals in threads started meanwhile, so that the process's other threads receive them.
class signals_blocked {
public:
    signals_blocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_BLOCK, &all, &before_);
    }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;
    ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

}  // namespace

std::optional<stream_endpoint> literal_endpoint(const address& where) {
    if (where.kind == address_kind::unix_socket) return asio::local::stream_protocol::endpoint(where.path);
    boost::system::error_code error;
    const auto number = asio::ip::make_address(where.host, error);
    if (error) return std::nullopt;
    return asio::ip::tcp::endpoint(number, where.port);
}

result<endpoints> resolve_blocking(const address& where) {
    if (const auto literal = literal_endpoint(where)) return endpoints{*literal};
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const auto code = ::getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &list);
    if (code == EAI_SYSTEM) return cannot_resolve(where, std::generic_category().message(errno));
    if (code != 0) return cannot_resolve(where, ::gai_strerror(code));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(list, &::freeaddrinfo);
    endpoints found;
    for (const auto* one = list; one != nullptr; one = one->ai_next)
        found.emplace_back(one->ai_addr, one->ai_addrlen, one->ai_protocol);
    return found;
}

std::shared_ptr<name_lookup> name_lookup::start(address where, std::shared_ptr<void> held) {
    auto self = std::make_shared<name_lookup>();
    const signals_blocked quiet;
    try {
        std::thread([self, where, held = std::move(held)] { self->run(where); }).detach();
    } catch (const std::system_error& error) {
        self->found_ = cannot_resolve(where, error.code().message());
    }
    return self;
}

// Posts under the lock, which the coroutine takes when it resumes: by then this thread no longer uses the executor,
// whose `io_context` may be destroyed right after.
void name_lookup::run(const address& where) {
    auto found = resolve_blocking(where);
    const std::lock_guard lock(mutex_);
    found_ = std::move(found);
    if (coroutine_) coroutine_.post();
}

void name_lookup::suspend(erased_handler coroutine) {
    const std::lock_guard lock(mutex_);
    if (found_) return coroutine.post();
    coroutine_ = std::move(coroutine);
}

void name_lookup::cancel() {
    const std::lock_guard lock(mutex_);
    if (coroutine_) coroutine_.post(asio::error::operation_aborted);
}

struct name_lookup::initiate {
    std::shared_ptr<name_lookup> self;

    template <class Handler>
    void operator()(Handler handler) const {
        if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected())
            slot.assign([self = self](asio::cancellation_type) { self->cancel(); });
        self->suspend(erased_handler(std::move(handler)));
    }
};

asio::awaitable<result<endpoints>> name_lookup::wait() {
    const auto self = shared_from_this();
    const auto token = asio::as_tuple(asio::deferred);
    auto operation = asio::async_initiate<decltype(token), void(boost::system::error_code)>(initiate{self}, token);
    const auto [error] = co_await std::move(operation);
    const std::lock_guard lock(mutex_);
    if (error) co_return failure(errc::cancelled);
    co_return std::move(*found_);
}

}  // namespace echosocket::net

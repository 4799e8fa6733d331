#include "support/canary.hpp"

#include "support/io_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/value.hpp>

#include <stdexcept>
#include <utility>

namespace echosocket::test {

namespace {

/// Between two rounds, so that the canary is no load itself.
constexpr auto breath = 1ms;

/// What went wrong, or nothing.
asio::awaitable<std::string> echo_round(client server, std::uint64_t number) {
    std::string text = "canary " + std::to_string(number);
    if (number % 64 == 0) text.resize(256 * 1024, 'c');
    auto reply = co_await server.call<std::string>("echo", text);
    if (!reply) co_return "echo: " + reply.error().message();
    co_return *reply == text ? std::string() : "echo: the reply is not that of its request";
}

/// The same for a task that waits.
asio::awaitable<std::string> sleep_round(client server) {
    auto slept = co_await server.call<std::int64_t>("sleep", 1);
    co_return slept ? std::string() : "sleep: " + slept.error().message();
}

}  // namespace

canary::canary(std::string address) {
    asio::co_spawn(io_, live(std::move(address)), [this](std::exception_ptr thrown) {
        const std::lock_guard lock(mutex_);
        if (thrown && failed_.empty()) failed_ = "the canary has thrown";
        over_ = true;
        changed_.notify_all();
    });
    thread_ = std::thread([this] { io_.run(); });
    try {
        wait_until([this] { return connected_; });
    } catch (...) {
        static_cast<void>(leave());
        throw;
    }
}

canary::~canary() {
    if (thread_.joinable()) static_cast<void>(leave());
}

asio::awaitable<void> canary::live(std::string address) {
    client_config config;
    config.name = "canary";
    auto connected = co_await client::connect(std::move(address), config);
    std::string wrong;
    if (connected) {
        wrong = co_await call_on(*connected);
        co_await connected->close();
    } else {
        wrong = "connect: " + connected.error().message();
    }
    const std::lock_guard lock(mutex_);
    failed_ = std::move(wrong);
}

asio::awaitable<std::string> canary::call_on(client server) {
    asio::steady_timer rest(io_);
    for (std::uint64_t number = 0;; ++number) {
        auto wrong = co_await echo_round(server, number);
        if (wrong.empty() && number % 16 == 0) wrong = co_await sleep_round(server);
        if (!wrong.empty()) co_return wrong;
        bool asked = false;
        {
            const std::lock_guard lock(mutex_);
            connected_ = true;
            ++answered_;
            changed_.notify_all();
            if (leaving_) co_return std::string();
            asked = std::exchange(asked_, false);
        }
        if (asked) {
            auto figures = co_await server.call<boost::json::value>("$stats");
            if (!figures) co_return "$stats: " + figures.error().message();
            const std::lock_guard lock(mutex_);
            told_ = figures->as_object();
            changed_.notify_all();
        }
        rest.expires_after(breath);
        co_await rest.async_wait(asio::use_awaitable);
    }
}

void canary::wait_until(const std::function<bool()>& reached) {
    std::unique_lock lock(mutex_);
    const bool in_time = changed_.wait_for(lock, patience, [&] { return reached() || over_; });
    if (!failed_.empty()) throw std::runtime_error("the canary has failed: " + failed_);
    if (!in_time || !reached()) throw std::runtime_error("the canary is silent");
}

boost::json::object canary::stats() {
    {
        const std::lock_guard lock(mutex_);
        told_.reset();
        asked_ = true;
    }
    wait_until([this] { return told_.has_value(); });
    const std::lock_guard lock(mutex_);
    return *told_;
}

void canary::sings(std::uint64_t calls) {
    std::uint64_t wanted = 0;
    {
        const std::lock_guard lock(mutex_);
        wanted = answered_ + calls;
    }
    wait_until([this, wanted] { return answered_ >= wanted; });
}

std::string canary::leave() {
    {
        const std::lock_guard lock(mutex_);
        leaving_ = true;
    }
    if (thread_.joinable()) thread_.join();
    const std::lock_guard lock(mutex_);
    return failed_;
}

}  // namespace echosocket::test

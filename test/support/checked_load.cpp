#include "support/checked_load.hpp"

#include "support/io_fixture.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cstring>
#include <random>
#include <utility>

namespace echosocket::test {

namespace {

constexpr std::size_t mark_size = 2 * sizeof(std::uint64_t);

std::uint64_t hash_of(std::string_view filling, std::uint64_t id) {
    std::uint64_t hash = 14695981039346656037U ^ id;  // FNV-1a
    for (const char byte : filling) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211U;
    return hash;
}

bool is_loss(const failure& why) {
    return is_connection_error(why) || (why.code == errc::shutting_down && why.origin != failure_origin::task);
}

}  // namespace

std::string marked_body(std::uint64_t id, std::size_t size) {
    std::string body(std::max(size, mark_size), '\0');
    std::uint64_t state = id;
    for (std::size_t i = mark_size; i != body.size(); ++i) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        body[i] = static_cast<char>(state >> 56U);
    }
    const auto hash = hash_of(std::string_view(body).substr(mark_size), id);
    std::memcpy(body.data(), &id, sizeof(id));
    std::memcpy(body.data() + sizeof(id), &hash, sizeof(hash));
    return body;
}

bool is_marked(std::string_view body, std::uint64_t id) {
    if (body.size() < mark_size) return false;
    std::uint64_t call = 0;
    std::uint64_t hash = 0;
    std::memcpy(&call, body.data(), sizeof(call));
    std::memcpy(&hash, body.data() + sizeof(call), sizeof(hash));
    return call == id && hash == hash_of(body.substr(mark_size), id);
}

namespace {

/// How a wrong reply differs from what it should be.
std::string described(std::string_view reply, std::string_view expected) {
    const auto same = std::ranges::mismatch(reply, expected).in1 - reply.begin();
    std::uint64_t call = 0;
    if (reply.size() >= sizeof(call)) std::memcpy(&call, reply.data(), sizeof(call));
    return std::to_string(reply.size()) + " bytes of call " + std::to_string(call) + ", different from byte " +
           std::to_string(same) + " on";
}

}  // namespace

checked_load::checked_load(plan what) : plan_(std::move(what)) {
    for (std::uint64_t number = 0; number != plan_.clients; ++number)
        asio::co_spawn(io_, run_client(number), [this](std::exception_ptr thrown) {
            if (thrown) complain("a client has thrown");
        });
    thread_ = std::thread([this] { io_.run(); });
}

checked_load::~checked_load() {
    if (thread_.joinable()) static_cast<void>(finish());
}

void checked_load::complain(std::string what) {
    if (outcome_.wrong.empty()) outcome_.wrong = std::move(what);
    stopping_ = true;
    changed_.notify_all();
}

bool checked_load::goes_on_for(std::uint64_t calls) {
    std::unique_lock lock(mutex_);
    const auto wanted = ended_ + calls;
    changed_.wait_for(lock, patience, [&] { return ended_ >= wanted || stopping_; });
    return ended_ >= wanted;
}

asio::awaitable<void> checked_load::run_client(std::uint64_t number) {
    client_config config;
    config.name = "load " + std::to_string(number);
    config.reconnect.enabled = true;
    config.reconnect.first_delay = 5ms;
    config.reconnect.max_delay = 50ms;
    asio::steady_timer rest(io_);
    auto connected = co_await client::connect(plan_.addresses, config);
    while (!connected && !stopping_) {  // the first connect is not repeated by itself
        rest.expires_after(5ms);
        co_await rest.async_wait(asio::deferred);
        connected = co_await client::connect(plan_.addresses, config);
    }
    if (!connected) co_return;

    std::size_t left = plan_.callers;
    rest.expires_at(asio::steady_timer::time_point::max());
    for (std::size_t caller = 0; caller != plan_.callers; ++caller)
        asio::co_spawn(io_, call_on(*connected, number * plan_.callers + caller), [&](std::exception_ptr thrown) {
            if (thrown) complain("a caller has thrown");
            if (--left == 0) rest.cancel();
        });
    const auto all_done = asio::as_tuple(asio::deferred);
    if (left != 0) co_await rest.async_wait(all_done);
    co_await connected->close();
}

asio::awaitable<void> checked_load::call_on(client server, std::uint64_t number) {
    std::mt19937_64 random(plan_.seed * 1000 + number);
    for (std::uint64_t call = 0; !stopping_ && (plan_.calls == 0 || call != plan_.calls); ++call) {
        const auto size = random() % 16 == 0 ? random() % (plan_.max_body + 1) : random() % 200;
        const bool goes_on = co_await call_once(server, (number << 32U) + call, size);
        {
            const std::lock_guard lock(mutex_);
            ++ended_;
        }
        changed_.notify_all();
        if (!goes_on) co_return;
    }
}

asio::awaitable<bool> checked_load::call_once(client server, std::uint64_t id, std::size_t size) {
    const bool keyed = id % 2 == 0;
    auto options = keyed ? once() : call_options();
    options.timeout = patience;
    const auto body = marked_body(id, size);
    auto reply = co_await server.call<std::string>(options, "echo", body);
    if (reply && !is_marked(*reply, id)) {
        complain("the reply of call " + std::to_string(id) + ", of " + std::to_string(body.size()) +
                 " bytes, is not its own but " + described(*reply, body));
        co_return false;
    }
    if (!reply && (keyed || !is_loss(reply.error()))) {
        complain("call " + std::to_string(id) + (keyed ? ", with a key: " : ": ") + reply.error().message());
        co_return false;
    }
    ++(!reply ? outcome_.lost : keyed ? outcome_.with_key : outcome_.answered);
    co_return true;
}

checked_load::outcome checked_load::finish() {
    if (plan_.calls == 0) stopping_ = true;
    if (thread_.joinable()) thread_.join();
    return outcome_;
}

}  // namespace echosocket::test

// An honest client beside an attack.
#pragma once

#include <echosocket/client.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace echosocket::test {

/// Calls a server of the demo tasks all the time, one call after the other, from a thread of its own, and checks what
/// comes. It never reconnects, so its connection must not be lost either.
///
/// Thread safety: its members belong to the thread that made it.
class canary {
public:
    /// Returns once it is connected; throws `std::runtime_error` if it can't be.
    explicit canary(std::string address);
    canary(const canary&) = delete;
    canary& operator=(const canary&) = delete;
    ~canary();

    /// The server's figures, taken while the canary has no other call. Throws if the canary has failed.
    [[nodiscard]] boost::json::object stats();
    /// Waits for so many more answers. Throws if the canary has failed.
    void sings(std::uint64_t calls);
    /// Closes the connection. Empty if nothing has gone wrong, ever.
    [[nodiscard]] std::string leave();

private:
    [[nodiscard]] asio::awaitable<void> live(std::string address);
    [[nodiscard]] asio::awaitable<std::string> call_on(client server);
    void wait_until(const std::function<bool()>& reached);

    asio::io_context io_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool connected_ = false;
    bool leaving_ = false;
    bool over_ = false;
    bool asked_ = false;
    std::uint64_t answered_ = 0;
    std::optional<boost::json::object> told_;
    std::string failed_;
    std::thread thread_;
};

}  // namespace echosocket::test

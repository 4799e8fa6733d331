// One connection over a simulated link.
#pragma once

#include "async/erased_handler.hpp"
#include "simulation/one_way.hpp"

#include <echosocket/transport.hpp>

#include <boost/system/error_code.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

namespace echosocket::testing {

/// Behaves like TCP. End 0 has connected; what it sends goes `forth`.
class simulated_connection final : public keeps_coroutines, public std::enable_shared_from_this<simulated_connection> {
public:
    enum class wait_for : std::uint8_t { input, room };
    using error_code = boost::system::error_code;

    explicit simulated_connection(std::shared_ptr<link_state> link);

    io_result read(std::size_t end, asio::mutable_buffer into);
    io_result write(std::size_t end, std::span<const asio::const_buffer> from);
    void wait(std::size_t end, wait_for what, net::erased_handler coroutine);
    void abort_wait(std::size_t end, wait_for what);
    void shutdown_send(std::size_t end);
    void close(std::size_t end);

    /// Both ends are told, and what was on its way is lost.
    void reset();
    /// The link has changed: what could not arrive may be due.
    void go_on();
    [[nodiscard]] bool is_open() const noexcept { return !ends_[0].closed || !ends_[1].closed; }
    [[nodiscard]] const link_state& link() const noexcept { return *link_; }

    void drop_coroutines() noexcept override;

private:
    struct socket {
        bool closed = false;
        bool send_is_shut = false;
        bool broken = false;  ///< A reset has come.
        net::erased_handler reader;
        net::erased_handler writer;
    };

    [[nodiscard]] one_way& from(std::size_t end) noexcept { return ways_[end]; }
    [[nodiscard]] one_way& to(std::size_t end) noexcept { return ways_[1 - end]; }
    [[nodiscard]] net::erased_handler& waiting(std::size_t end, wait_for what) noexcept {
        return what == wait_for::input ? ends_[end].reader : ends_[end].writer;
    }
    void deliver(std::size_t end);
    void expect_arrival(std::size_t end);
    void hear_reset(std::size_t end);
    void wake(std::size_t end);

    const std::shared_ptr<link_state> link_;
    const std::uint64_t number_;
    std::array<one_way, 2> ways_;  ///< By the end that sends.
    std::array<socket, 2> ends_;
    /// When the alarm for the next arrival at each end rings.
    std::array<std::optional<time_point>, 2> expected_;
    std::size_t lives_for_;  ///< Bytes until it is reset.
};

/// The two ends, for whoever uses them.
[[nodiscard]] std::pair<std::unique_ptr<transport>, std::unique_ptr<transport>> ends_of(
    const std::shared_ptr<simulated_connection>& connection);

}  // namespace echosocket::testing

// For users' tests and ours: connections without sockets, time without waiting.
#pragma once

#include <echosocket/clock.hpp>
#include <echosocket/transport.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace echosocket::testing {

/// A clock that stands still until the test moves it.
///
/// Thread safety: all members may be called from any thread.
/// Lifetime: outlives every server, client and alarm that uses it.
class manual_clock final : public clock {
public:
    manual_clock();
    ~manual_clock() override;

    [[nodiscard]] time_point now() const noexcept override;
    [[nodiscard]] std::unique_ptr<alarm> make_alarm(asio::any_io_executor executor) override;

    /// Moves time and posts every alarm that has become due, the earliest first. The executor still has to run.
    void advance(duration by);
    /// Moves time to the earliest alarm that is set; false where none is.
    bool advance_to_next();
    [[nodiscard]] std::size_t alarms() const;  ///< Set and not yet due.

    class impl;

private:
    std::shared_ptr<impl> impl_;
};

/// What goes wrong on an in-memory connection, for tests of error paths.
struct faults {
    std::size_t max_read = SIZE_MAX;    ///< Bytes that one read hands out at most: 1 splits everything at every byte.
    std::size_t max_write = SIZE_MAX;   ///< Bytes that one write takes at most.
    std::size_t capacity = 256 * 1024;  ///< Bytes under way to this end before the other's writes would block.
    std::optional<std::size_t>
        fail_read{};  ///< The nth read (from 0) fails with `connection_reset`, and all later ones.
    std::optional<std::size_t> fail_write{};  ///< The nth write (from 0) fails with `broken_pipe`, and all later ones.
    std::optional<std::size_t> fail_wait{};   ///< The nth wait (from 0) fails with `connection_reset`.
};

/// Two ends of a connection in memory, as if a socket lay between them.
///
/// Thread safety: the two ends may live on different threads.
[[nodiscard]] std::pair<std::unique_ptr<transport>, std::unique_ptr<transport>> memory_pipe(faults first = {},
                                                                                            faults second = {});

}  // namespace echosocket::testing

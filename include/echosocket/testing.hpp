// For tests: connections without sockets, and time that passes without waiting.
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
/// Lifetime: must outlive every server, client and alarm that uses it.
class manual_clock final : public clock {
public:
    manual_clock();
    ~manual_clock() override;

    [[nodiscard]] time_point now() const noexcept override;
    [[nodiscard]] std::unique_ptr<alarm> make_alarm(asio::any_io_executor executor) override;

    /// Moves time and posts the alarms that are due, earliest first. They run when their executors do.
    void advance(duration by);
    /// Moves time to the earliest alarm; returns false if there is none.
    bool advance_to_next();
    [[nodiscard]] std::size_t alarms() const;  ///< Alarms that are set and not yet due.

    class impl;

private:
    std::shared_ptr<impl> impl_;
};

/// Faults of one end of a `memory_pipe`, for tests of error paths.
struct faults {
    std::size_t max_read = SIZE_MAX;    ///< Bytes that one read returns at most; 1 splits the input at every byte.
    std::size_t max_write = SIZE_MAX;   ///< Bytes that one write takes at most.
    std::size_t capacity = 256 * 1024;  ///< Bytes on their way to this end before the other end's writes would block.
    std::optional<std::size_t> fail_read{};  ///< The nth read (from 0) and all later ones fail with `connection_reset`.
    std::optional<std::size_t> fail_write{};  ///< The nth write (from 0) and all later ones fail with `broken_pipe`.
    std::optional<std::size_t> fail_wait{};   ///< The nth wait (from 0) fails with `connection_reset`.
};

/// Two connected transports in memory, which behave like the ends of a socket.
///
/// Thread safety: the two ends may be used on different threads.
[[nodiscard]] std::pair<std::unique_ptr<transport>, std::unique_ptr<transport>> memory_pipe(faults first = {},
                                                                                            faults second = {});

}  // namespace echosocket::testing

// Reads standard input without blocking anything else.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <optional>
#include <string>

namespace echosocket::cli {

namespace asio = boost::asio;

/// Returns a descriptor that is readable when `input` is; -1 for files, which always are.
///
/// Asio would make the input itself non-blocking, and with it the terminal of the program that started this one.
[[nodiscard]] int open_input_watch(int input);

/// Waits until an input is readable.
///
/// Thread safety: none.
class input_watch {
public:
    input_watch(const asio::any_io_executor& executor, int input);

    /// Cancellation: terminal, partial, total; throws `operation_aborted`.
    [[nodiscard]] asio::awaitable<void> readable();

private:
    asio::posix::stream_descriptor watch_;
};

/// Reads all of standard input; if that fails, prints why to standard error and returns an empty optional.
[[nodiscard]] std::optional<std::string> read_standard_input();

}  // namespace echosocket::cli

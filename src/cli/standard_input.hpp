// Standard input, read without holding up what else goes on.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <optional>
#include <string>

namespace echosocket::cli {

namespace asio = boost::asio;

/// A descriptor that is readable when `input` is; -1 for files, which always are.
///
/// Asio would set the input itself to non-blocking, and with it the terminal of whoever started this.
[[nodiscard]] int open_input_watch(int input);

/// Tells when an input has something to read. Thread safety: none.
class input_watch {
public:
    input_watch(const asio::any_io_executor& executor, int input);

    /// Cancellation: terminal, partial, total; throws `operation_aborted`.
    [[nodiscard]] asio::awaitable<void> readable();

private:
    asio::posix::stream_descriptor watch_;
};

/// All of standard input; where it can't be read nothing, and that is told on standard error.
[[nodiscard]] std::optional<std::string> read_standard_input();

}  // namespace echosocket::cli

// The tasks `put`, `get` and `file_size`: files that come and go as streams.
#pragma once

#include "cli/tasks/slots.hpp"
#include "cli/tasks/stored_file.hpp"

#include <echosocket/result.hpp>
#include <echosocket/stream.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace echosocket::cli {

namespace asio = boost::asio;

/// What the file tasks may do.
struct file_policy {
    std::optional<std::filesystem::path> directory;  ///< Nothing: every transfer is `not_allowed`.
    std::uint64_t limit = 1024 * 1024 * 1024;        ///< Bytes of one file that is put.
};

/// Transfers at once; further calls are answered `overloaded`.
inline constexpr int most_transfers = 64;
/// A transfer whose other end neither sends nor takes a byte for so long is given up.
inline constexpr std::chrono::milliseconds transfer_stall{60'000};

/// Takes the pieces of a file and keeps it under `name` made safe, or the first of `NAME-1`, `NAME-2` that is free.
///
/// Errors: `not_allowed` without a directory, `overloaded`, `message_too_large` above the limit, `task_failed` for what
/// the disk refused, what the sender failed with. Nothing is left of a file that did not arrive whole.
/// Cancellation: removes the file.
/// Lifetime: the references outlive the returned awaitable; so it is for the others.
[[nodiscard]] asio::awaitable<result<stored_file>> put_file(const file_policy& policy, slots& transfers,
                                                            source<file_piece>& pieces, std::string name);

/// Sends the pieces of a file of the directory itself. A name with a slash, or of a hidden file, is refused.
///
/// Errors: as above, and `bad_request` where there is no such file.
[[nodiscard]] asio::awaitable<result<stored_file>> get_file(const file_policy& policy, slots& transfers,
                                                            sink<file_piece>& pieces, std::string name);

/// Bytes of the file that `get_file` would send.
[[nodiscard]] result<std::uint64_t> size_of_file(const file_policy& policy, const std::string& name);

}  // namespace echosocket::cli

// The tasks `put`, `get` and `file_size`: files transferred as streams.
#pragma once

#include "cli/tasks/shared_slots.hpp"
#include "cli/tasks/store_folder.hpp"
#include "cli/tasks/stored_file.hpp"

#include <echosocket/result.hpp>
#include <echosocket/stream.hpp>
#include <echosocket/task.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace echosocket::cli {

namespace asio = boost::asio;

/// Permissions of the file tasks.
struct file_policy {
    std::shared_ptr<store_folder> folder;      ///< If null, every transfer is `not_allowed`.
    std::uint64_t limit = 1024 * 1024 * 1024;  ///< Bytes of one file that is put.
    folder_quota quota;
};

/// Transfers that may run at once, of one connection at most as many as are left for all others; further calls are
/// answered `overloaded`.
inline constexpr std::size_t most_transfers = 64;
/// ms; a transfer whose other end sends or takes less than `least_moved` within this time is cancelled.
inline constexpr std::chrono::milliseconds transfer_stall{60'000};
/// Bytes: 1 KiB/s. Less holds a place that others may need.
inline constexpr std::uint64_t least_moved = 60 * 1024;

/// Receives a file and stores it under the safe form of `name`, or the first of `NAME-1`, `NAME-2` that is free.
///
/// Errors: `not_allowed` without a folder, `overloaded` without a place or without room, `message_too_large` above the
/// limit, `task_failed` if the disk fails, the sender's failure. An incomplete file is removed.
/// Cancellation: removes the file; waits for a read or write that has begun.
/// Lifetime: the references must outlive the returned awaitable; the same applies to the functions below.
[[nodiscard]] asio::awaitable<result<stored_file>> put_file(task_context& call, const file_policy& policy,
                                                            shared_slots& transfers, source<file_piece>& pieces,
                                                            std::string name);

/// Sends a file of the directory itself. Names with a slash and names of hidden files are refused.
///
/// Errors: as above, and `bad_request` if there is no such file.
[[nodiscard]] asio::awaitable<result<stored_file>> get_file(task_context& call, const file_policy& policy,
                                                            shared_slots& transfers, sink<file_piece>& pieces,
                                                            std::string name);

/// Bytes of the file that `get_file` would send.
[[nodiscard]] asio::awaitable<result<std::uint64_t>> size_of_file(task_context& call, const file_policy& policy,
                                                                  std::string name);

}  // namespace echosocket::cli

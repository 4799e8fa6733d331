// The task `download`: fetches an http:// URL into a directory.
#pragma once

#include "cli/tasks/address_rules.hpp"
#include "cli/tasks/slots.hpp"
#include "cli/tasks/store_folder.hpp"

#include <echosocket/result.hpp>
#include <echosocket/task.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/describe/class.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace echosocket::cli {

namespace asio = boost::asio;

/// Permissions of `download`.
struct download_policy {
    std::shared_ptr<store_folder> folder;    ///< If null, every download is `not_allowed`.
    std::uint64_t limit = 64 * 1024 * 1024;  ///< Bytes of one file.
    folder_quota quota;
    address_rules from;
};

/// Downloads that may run at once; further calls are answered `overloaded`.
inline constexpr int most_downloads = 16;
inline constexpr int most_redirects = 3;
/// s; a download fails after this time without progress in resolving, connecting or receiving. Its total time is
/// limited by the call's deadline.
inline constexpr std::chrono::seconds download_stall_timeout{30};

struct downloaded {
    std::string path;
    std::uint64_t bytes = 0;
};
BOOST_DESCRIBE_STRUCT(downloaded, (), (path, bytes))

/// Fetches `url` into a file named after the last part of its path. The size is checked before and while it is
/// received.
///
/// Errors: `bad_request` if the URL is not http://, `not_allowed` without a folder and if the host, or one that it
/// redirects to, has no allowed address, `overloaded` without a place or without room, `message_too_large` above the
/// limit, `task_failed` if the network, the other server or the disk fails. An incomplete file is removed.
/// Cancellation: ends the transfer and removes the file.
/// Lifetime: the references must outlive the returned awaitable.
[[nodiscard]] asio::awaitable<result<downloaded>> download(task_context& call, const download_policy& policy,
                                                           std::shared_ptr<slots> downloads, std::string url);

}  // namespace echosocket::cli

// Common parts of `echosocket send` and `echosocket get`.
#pragma once

#include "cli/checksum.hpp"
#include "cli/commands.hpp"
#include "cli/progress_bar.hpp"
#include "cli/stall.hpp"
#include "cli/tasks/stored_file.hpp"

#include <echosocket/client.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace echosocket::cli {

/// The local state of one file transfer.
struct transfer {
    explicit transfer(std::string what) : bar(std::in_place, std::move(what)) {}

    void moved(std::string_view piece) {
        sum.add(piece);
        bytes += piece.size();
        ++movement.steps;
        bar->moved_to(bytes);
    }

    std::optional<progress_bar> bar;  ///< Destroyed with the transfer, which ends its line.
    cli::movement movement;
    checksum sum;
    std::uint64_t bytes = 0;
    std::optional<std::string> local_failure;  ///< Why this end ended the transfer, if it did.
};

/// Transfers the file once there is a connection.
using transfer_step = std::function<asio::awaitable<result<stored_file>>(client server)>;
/// Handles a file that arrived completely.
using transfer_end = std::function<exit_code(const stored_file& file)>;

/// Connects and runs `step` until it has ended, made no progress for `--timeout` (ms), or SIGINT or SIGTERM came.
[[nodiscard]] exit_code run_transfer(const target& server, std::string_view task, transfer& file,
                                     const transfer_step& step, const transfer_end& end);

/// Reports a transferred file: a sentence or JSON.
[[nodiscard]] exit_code report_transfer(const target& server, const stored_file& file, std::string_view sentence);

/// `1234 bytes, CRC-32 cbf43926`
[[nodiscard]] std::string facts_of(const stored_file& file);

}  // namespace echosocket::cli

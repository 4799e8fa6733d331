// What `echosocket send` and `echosocket get` have in common.
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

/// One file on its way, as this end sees it.
struct transfer {
    explicit transfer(std::string what) : bar(std::in_place, std::move(what)) {}

    void moved(std::string_view piece) {
        sum.add(piece);
        bytes += piece.size();
        ++movement.steps;
        bar->moved_to(bytes);
    }

    std::optional<progress_bar> bar;  ///< Ends with the transfer.
    cli::movement movement;
    checksum sum;
    std::uint64_t bytes = 0;
    std::optional<std::string> local_failure;  ///< Why this end could not go on, if that was what ended it.
};

/// What goes over the line, once there is a connection.
using transfer_step = std::function<asio::awaitable<result<stored_file>>(client server)>;
/// What is done with a file that arrived whole.
using transfer_end = std::function<exit_code(const stored_file& file)>;

/// Connects, and runs the step until it has ended, nothing has moved for `--timeout`, or SIGINT or SIGTERM came.
[[nodiscard]] exit_code run_transfer(const target& server, std::string_view task, transfer& file,
                                     const transfer_step& step, const transfer_end& end);

/// Tells what became of a file: a sentence, or JSON.
[[nodiscard]] exit_code report_transfer(const target& server, const stored_file& file, std::string_view sentence);

/// `1234 bytes, CRC-32 cbf43926`
[[nodiscard]] std::string facts_of(const stored_file& file);

}  // namespace echosocket::cli

// The subcommands and their options.
#pragma once

#include "cli/exit_code.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace echosocket::cli {

/// The options of every subcommand that talks to a server.
struct target {
    std::string address;
    std::chrono::milliseconds timeout{30'000};  ///< ms for connecting and the call together; 0 is no limit.
    bool json = false;
};

struct call_command {
    target server;
    std::string task;
    std::optional<std::string> data;  ///< `-` is standard input.
};

struct ping_command {
    target server;
    unsigned count = 4;  ///< 0 runs until interrupted.
    std::chrono::milliseconds interval{200};
};

struct bench_command {
    target server;
    std::string task = "echo";
    std::optional<std::string> data;  ///< Sent instead of `size` bytes.
    /// The right reply; if empty, the request's own body for `echo` and any reply for other tasks.
    std::optional<std::string> expected;
    std::size_t connections = 1;
    std::size_t depth = 1;  ///< Requests in flight on each connection.
    std::uint64_t size = 64;
    double rate = 0;  ///< Requests per second, regardless of how slow the answers are; 0 sends the next request when
                      ///< one is answered.
    std::chrono::milliseconds duration{5'000};
};

struct listen_command {
    target server;
    std::vector<std::string> topics;  ///< Empty means every topic.
};

struct notify_command {
    target server;
    std::string topic;
    std::string data;  ///< `-` is standard input.
};

struct chat_command {
    target server;
    std::string name;
    std::string room;
};

struct send_command {
    target server;     ///< The timeout (ms) applies to connecting and to every wait without progress.
    std::string file;  ///< `-` is standard input.
    std::string name;  ///< If empty, the name of the local file.
};

struct get_command {
    target server;  ///< As for `send_command`.
    std::string name;
    std::string file;  ///< `-` is standard output; if empty, the name on the server.
};

enum class verbosity { quiet, normal, verbose };

struct serve_command {
    std::vector<std::string> addresses;
    std::optional<std::uint16_t> port;  ///< Short for the address 127.0.0.1:PORT.
    std::string name = "EchoSocket";
    bool fallback = false;
    std::vector<std::string> programs;
    std::string download_directory;
    std::uint64_t download_limit = 64 * 1024 * 1024;
    std::uint64_t download_quota = 1024 * 1024 * 1024;
    std::vector<std::string> download_from;  ///< Addresses, networks and hosts beside what is public.
    std::string files_directory;
    std::uint64_t files_limit = 1024 * 1024 * 1024;
    std::uint64_t files_quota = 16ULL * 1024 * 1024 * 1024;
    bool allow_stop = false;
    unsigned threads = 1;
    std::chrono::milliseconds drain_timeout{10'000};
    std::size_t max_connections = 10'000;
    std::size_t max_per_address = 0;
    verbosity log = verbosity::normal;
};

[[nodiscard]] exit_code call(const call_command& options);
[[nodiscard]] exit_code list(const target& server);
[[nodiscard]] exit_code ping(const ping_command& options);
[[nodiscard]] exit_code stats(const target& server);
[[nodiscard]] exit_code bench(const bench_command& options);
[[nodiscard]] exit_code repl(const target& server);
[[nodiscard]] exit_code listen(const listen_command& options);
[[nodiscard]] exit_code notify(const notify_command& options);
[[nodiscard]] exit_code chat(const chat_command& options);
[[nodiscard]] exit_code send(const send_command& options);
[[nodiscard]] exit_code get(const get_command& options);

/// Returns a plain number because it is the only subcommand that a signal may end.
[[nodiscard]] int serve(const serve_command& options);

}  // namespace echosocket::cli

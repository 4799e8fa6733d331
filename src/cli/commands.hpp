// The subcommands, and what the command line told each.
#pragma once

#include "cli/exit_code.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace echosocket::cli {

/// What all subcommands that talk to a server have in common.
struct target {
    std::string address;
    std::chrono::milliseconds timeout{30'000};  ///< For connecting and the call together; 0 is none.
    bool json = false;
};

struct call_command {
    target server;
    std::string task;
    std::optional<std::string> data;  ///< `-` is standard input.
};

struct ping_command {
    target server;
    unsigned count = 4;  ///< 0 is until interrupted.
    std::chrono::milliseconds interval{200};
};

struct bench_command {
    target server;
    std::string task = "echo";
    std::optional<std::string> data;  ///< In place of `size` bytes.
    std::optional<std::string>
        expected;  ///< The right reply; else the request's own body from `echo`, and any from others.
    std::size_t connections = 1;
    std::size_t depth = 1;  ///< Requests under way on each connection.
    std::uint64_t size = 64;
    double rate = 0;  ///< Requests per second that are due, however slow the answers; 0 asks again when answered.
    std::chrono::milliseconds duration{5'000};
};

struct listen_command {
    target server;
    std::vector<std::string> topics;  ///< None is every topic.
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
    target server;     ///< Its timeout is for connecting, and for every wait without progress.
    std::string file;  ///< `-` is standard input.
    std::string name;  ///< Empty: as the file is called here.
};

struct get_command {
    target server;  ///< As for `send_command`.
    std::string name;
    std::string file;  ///< `-` is standard output; empty: as it is called there.
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
    std::string files_directory;
    std::uint64_t files_limit = 1024 * 1024 * 1024;
    bool allow_stop = false;
    unsigned threads = 1;
    std::chrono::milliseconds drain_timeout{10'000};
    std::size_t max_connections = 10'000;
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

/// The only one that may end by a signal, so its code is a plain number.
[[nodiscard]] int serve(const serve_command& options);

}  // namespace echosocket::cli

// `echosocket serve`: a server of the demo tasks.
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/serve_policy.hpp"
#include "cli/tasks/demo_tasks.hpp"
#include "cli/text.hpp"
#include "cli/units.hpp"

#include <echosocket/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <csignal>
#include <cstdlib>
#include <thread>
#include <utility>

namespace echosocket::cli {

namespace {

/// Transferring a large file takes long.
constexpr std::chrono::hours longest_call{24};

/// ms after a second signal for handlers that do not notice that they were cancelled.
constexpr std::chrono::milliseconds forced_end_after{1'000};

log_sink make_log(verbosity wanted) {
    const auto least = wanted == verbosity::quiet    ? log_level::error
                       : wanted == verbosity::normal ? log_level::info
                                                     : log_level::debug;
    return [least](log_level level, std::string_view text) {
        if (level < least) return;
        complain(std::string(name_of(level)) + ": " + std::string(text));
    };
}

std::vector<std::string> addresses_of(const serve_command& command) {
    auto addresses = command.addresses;
    if (command.port) addresses.push_back("127.0.0.1:" + std::to_string(*command.port));
    if (addresses.empty()) addresses.emplace_back("127.0.0.1:8080");
    return addresses;
}

server_config config_of(const serve_command& command) {
    server_config config;
    config.name = command.name;
    config.listen = addresses_of(command);
    config.max_connections = command.max_connections;
    config.max_per_address = command.max_per_address;
    config.drain_timeout = command.drain_timeout;
    config.allow_remote_stop = command.allow_stop;
    config.max_deadline = longest_call;
    config.may_subscribe = [](const peer&, std::string_view topic) { return may_listen(topic); };
    config.log = make_log(command.log);
    return config;
}

/// Stops the server: gracefully on the first SIGINT or SIGTERM, at once on the second; the third has its default
/// effect.
class signal_stop {
public:
    signal_stop(asio::io_context& io, server& target)
        : server_(target), strand_(asio::make_strand(io)), signals_(strand_, SIGINT, SIGTERM), end_(strand_) {
        wait();
    }

    /// Cancels its waits. May be called from any thread; it must live until the loop has ended.
    void finish() {
        asio::post(strand_, [this] {
            signals_.cancel();
            end_.cancel();
        });
    }
    /// The second signal; 0 if it did not come.
    [[nodiscard]] int forced_by() const noexcept { return forced_by_; }

private:
    void wait() {
        signals_.async_wait([this](const boost::system::error_code& error, int signal) {
            if (!error) handle(signal);
        });
    }

    void handle(int signal) {
        if (!stopping_) {
            stopping_ = true;
            complain("stopping; a second signal ends at once");
            server_.stop();
            return wait();
        }
        forced_by_ = signal;
        complain("ending at once");
        server_.stop_now();
        signals_.clear();
        end_.expires_after(forced_end_after);
        end_.async_wait([signal](const boost::system::error_code& cancelled) {
            if (!cancelled) std::_Exit(exit_by_signal(signal));
        });
    }

    server& server_;
    asio::strand<asio::io_context::executor_type> strand_;
    asio::signal_set signals_;
    asio::steady_timer end_;
    bool stopping_ = false;
    int forced_by_ = 0;
};

std::string counted(std::size_t count, const char* what) {
    return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

std::string report_line(const shutdown_report& report) {
    return "stopped in " + format_duration(report.took) + ": " + counted(report.connections, "connection") + ", " +
           counted(report.drained, "call") + " drained, " + std::to_string(report.cancelled) + " cancelled, " +
           counted(report.closed, "connection") + " closed by force\n";
}

int exit_with(exit_code code) {
    return static_cast<int>(code);
}

int fail(const failure& why) {
    complain(why.detail.empty() ? why.message() : why.detail);
    const bool misused = why.code == errc::invalid_config || why.code == errc::invalid_address;
    return exit_with(misused ? exit_code::usage : exit_code::no_server);
}

void run_on_threads(asio::io_context& io, unsigned count) {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < count; ++i) others.emplace_back([&io] { io.run(); });
    io.run();
}

int run_server(asio::io_context& io, server& target, unsigned threads) {
    if (auto listening = target.listen(); !listening) return fail(listening.error());
    signal_stop signals(io, target);
    std::string lines;
    for (const auto& address : target.addresses()) lines += "listening on " + address + '\n';
    if (!print(lines)) return exit_with(exit_code::output_failed);

    std::optional<result<shutdown_report>> report;
    std::exception_ptr thrown;
    asio::co_spawn(io, target.run(), [&](std::exception_ptr e, result<shutdown_report> outcome) {
        thrown = e;
        report = std::move(outcome);
        signals.finish();
    });
    run_on_threads(io, threads);
    if (thrown) std::rethrow_exception(thrown);
    if (!*report) return fail(report->error());
    if (!print(report_line(**report))) return exit_with(exit_code::output_failed);
    return signals.forced_by() != 0 ? exit_by_signal(signals.forced_by()) : exit_with(exit_code::ok);
}

}  // namespace

int serve(const serve_command& command) {
    // The server must not end when a reader of its log or output goes away.
    std::signal(SIGPIPE, SIG_IGN);
    auto policy = policy_of(command, make_log(command.log));
    if (!policy) return fail(policy.error());
    try {
        asio::io_context io(static_cast<int>(command.threads));
        server target(io.get_executor(), config_of(command));
        add_demo_tasks(target, std::move(*policy));
        add_relay(target);
        if (command.fallback) add_fallback(target);
        return run_server(io, target, command.threads);
    } catch (const usage_error& e) {
        complain(e.what());
        return exit_with(exit_code::usage);
    }
}

}  // namespace echosocket::cli

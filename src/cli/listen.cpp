// `echosocket listen`: prints notifications, one per line, as they come.
#include "cli/body_json.hpp"
#include "cli/commands.hpp"
#include "cli/connect.hpp"
#include "cli/output.hpp"
#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/text.hpp"
#include "cli/until_signal.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/json/object.hpp>

#include <memory>
#include <utility>

namespace echosocket::cli {

namespace {

namespace json = boost::json;

constexpr std::string_view every_topic = "*";

/// A tab ends the topic in the output, so the topic itself must not contain one.
std::string shown_topic(std::string_view topic) {
    auto shown = one_line(topic);
    for (std::size_t tab = 0; (tab = shown.find('\t', tab)) != std::string::npos;) shown.replace(tab, 1, "\\t");
    return shown;
}

/// Prints notifications, and reports when standard output cannot be written.
class notice_printer {
public:
    notice_printer(const asio::any_io_executor& executor, bool as_json)
        : broken_(executor, asio::steady_timer::time_point::max()), as_json_(as_json) {}

    void print(const task_context& notice, std::string_view data) {
        if (is_broken_) return;
        if (print_result(line_of(notice, data)) == exit_code::ok) return;
        is_broken_ = true;
        broken_.cancel();
    }

    asio::awaitable<void> until_broken() {
        while (!is_broken_) co_await broken_.async_wait(asio::as_tuple(asio::use_awaitable));
    }

private:
    [[nodiscard]] std::string line_of(const task_context& notice, std::string_view data) const {
        if (!as_json_) return shown_topic(notice.task()) + '\t' + one_line(data) + '\n';
        json::object report{{"topic", notice.task()}};
        add_body(report, "data", data, notice.content_type());
        return json_text(report) + '\n';
    }

    asio::steady_timer broken_;
    bool as_json_;
    bool is_broken_ = false;
};

client_config listening_config(const target& server, const std::shared_ptr<notice_printer>& printer) {
    client_config config;
    config.reconnect.enabled = true;
    config.handlers.on_any_notify(
        [printer](task_context& notice, std::string_view data) { printer->print(notice, data); });
    config.on_state = tell_of_losses(server.address, [](const std::string& sentence) { complain(sentence); });
    config.log = [](log_level level, std::string_view text) {
        if (level >= log_level::warning) complain(text);
    };
    return config;
}

std::string listening_sentence(const listen_command& command) {
    std::string topics;
    for (const auto& topic : command.topics) topics += (topics.empty() ? "'" : ", '") + topic + "'";
    return "listening to " + (topics.empty() ? "all topics" : topics) + " at " + command.server.address;
}

asio::awaitable<result<void>> subscribe(client server, std::vector<std::string> topics) {
    if (topics.empty()) topics.emplace_back(every_topic);
    for (const auto& topic : topics) {
        auto subscribed = co_await server.subscribe(topic);
        if (!subscribed) co_return subscribed;
    }
    co_return result<void>();
}

asio::awaitable<exit_code> listen_on(const listen_command& command) {
    using namespace asio::experimental::awaitable_operators;
    const auto executor = co_await asio::this_coro::executor;
    const auto printer = std::make_shared<notice_printer>(executor, command.server.json);
    const time_budget budget(command.server.timeout);
    auto config = listening_config(command.server, printer);
    auto connected = co_await connect_within(command.server.address, budget, std::move(config));
    if (!connected)
        co_return report_failure(command.server, connected.error(),
                                 connect_sentence(command.server, connected.error()));
    auto subscribed = co_await subscribe(*connected, command.topics);
    if (!subscribed)
        co_return report_failure(command.server, subscribed.error(),
                                 call_sentence(command.server, "$subscribe", subscribed.error()));
    complain(listening_sentence(command));
    auto either = connected->closed() || printer->until_broken();
    const auto first = co_await std::move(either);
    if (first.index() == 1) co_return exit_code::output_failed;
    const failure& why = std::get<0>(first);
    if (was_interrupted(why)) co_return exit_code::ok;
    co_return report_failure(command.server, why, why.message());
}

asio::awaitable<exit_code> listen_until_signal(const listen_command& command) {
    auto ended = co_await until_signal(listen_on(command));
    co_return ended.index() == 0 ? std::get<0>(ended) : exit_code::ok;
}

}  // namespace

exit_code listen(const listen_command& command) {
    return run_to_end(listen_until_signal(command));
}

}  // namespace echosocket::cli

// The tasks that every server answers: $tasks, $ping, $stats, $stop, $subscribe, $unsubscribe.
#include "server/server_impl.hpp"

#include <boost/json/value.hpp>

namespace echosocket {

namespace {

namespace json = boost::json;

json::object counts(const std::map<std::string, std::uint64_t>& by_name) {
    json::object all;
    for (const auto& [name, count] : by_name) all.emplace(name, count);
    return all;
}

json::value to_json(const server_stats& s) {
    return json::object{{"uptime_ms", s.uptime.count()},
                        {"connections", s.connections},
                        {"accepted", s.accepted},
                        {"running_calls", s.running_calls},
                        {"calls", s.calls},
                        {"failed", s.failed},
                        {"bytes_in", s.bytes_in},
                        {"bytes_out", s.bytes_out},
                        {"queued_bytes", s.queued_bytes},
                        {"groups", s.groups},
                        {"notifications_in", s.notifications_in},
                        {"notifications_out", s.notifications_out},
                        {"dropped", s.dropped},
                        {"exceptions", s.exceptions},
                        {"memory", s.memory},
                        {"closed", counts(s.closed)},
                        {"refused", counts(s.refused)}};
}

json::value to_json(const std::vector<task_info>& tasks) {
    json::array all;
    for (const auto& task : tasks) {
        json::object facts{{"name", task.name},
                           {"arguments", task.arguments},
                           {"returns", task.returns},
                           {"description", task.description}};
        if (!task.takes.empty()) facts.emplace("takes", task.takes);
        if (!task.sends.empty()) facts.emplace("sends", task.sends);
        all.push_back(std::move(facts));
    }
    return all;
}

/// A function, because GCC 12 mishandles coroutine lambdas that capture.
asio::awaitable<json::value> answer_stats(server::impl* self) {
    const auto stats = co_await self->on_registry<server_stats>([](const server::impl& s) { return s.stats(); });
    co_return to_json(stats);
}

}  // namespace

void server::impl::add_builtin_tasks() {
    // The table that holds these handlers is a member of this object, so `this` outlives them.
    tasks_.add_builtin("$tasks", detail::make_task([this] { return to_json(tasks_.list()); }),
                       "the registered tasks, with their types");
    tasks_.add_builtin("$ping", detail::make_task([](std::string_view payload) { return payload; }),
                       "answers what it was sent");
    tasks_.add_builtin("$stats", detail::make_task([this] { return answer_stats(this); }),
                       "figures since the server began to run");
    auto stop_if_allowed = [this]() -> detail::builtin_result<void> {
        if (!config_.allow_remote_stop)
            return failure(errc::not_allowed, "this server can't be stopped by a client: allow_remote_stop is off");
        stop(urgency::drain);
        return {};
    };
    tasks_.add_builtin("$stop", detail::make_task(std::move(stop_if_allowed)),
                       "asks for a graceful shutdown, if the server allows it");
    add_subscription_tasks();
}

void server::impl::add_subscription_tasks() {
    using outcome = detail::builtin_result<void>;
    auto subscribe_caller = [this](task_context& call, const std::vector<std::string>& topics) -> outcome {
        return subscribe(call.peer(), topics);
    };
    auto unsubscribe_caller = [this](task_context& call, const std::vector<std::string>& topics) -> outcome {
        return unsubscribe(call.peer(), topics);
    };
    tasks_.add_builtin("$subscribe", detail::make_task(std::move(subscribe_caller)),
                       "asks for the notifications of these topics; * is every topic");
    tasks_.add_builtin("$unsubscribe", detail::make_task(std::move(unsubscribe_caller)),
                       "asks for no more notifications of these topics");
}

}  // namespace echosocket

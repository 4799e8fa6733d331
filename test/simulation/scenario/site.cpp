#include "simulation/scenario/site.hpp"

#include "simulation/scenario/herald.hpp"
#include "simulation/scenario/tasks.hpp"

#include <string_view>
#include <utility>

namespace echosocket::simulated {

namespace {

using std::chrono::milliseconds;

// How often one who waits for a flag looks.
constexpr auto look_every = 250ms;

void check_end(ledger& kept, const std::string& name, const server_stats& stats) {
    kept.demand(stats.connections == 0, name + ": connections are left after run()");
    kept.demand(stats.running_calls == 0, name + ": calls are left after run()");
    for (const auto* reason : {"protocol_error", "not_echosocket", "unsupported_version", "frame_too_large", "abusive"})
        kept.demand(!stats.closed.contains(reason), name + ": a connection ended with " + reason);
}

}  // namespace

site::site(world& in, std::size_t number) : in_(in), name_("site " + std::to_string(number)) {}

server_config site::draw_config() {
    auto& random = in_.random();
    server_config config;
    config.name = name_;
    config.limits = draw_limits(random);
    config.drain_timeout = random.between<milliseconds>(0ms, 5s);
    config.cancel_timeout = random.between<milliseconds>(0ms, 1s);
    config.call_timeout = random.between<milliseconds>(100ms, 10s);
    config.max_deadline = 30s;
    config.may_subscribe = [this](const peer& who, std::string_view topic) {
        return admit_subscriber(who, std::string(topic));
    };
    config.clock = &in_.clock();
    config.log = in_.log_of(name_);
    return config;
}

asio::awaitable<void> site::live() {
    while (!in_.is_over()) {
        running_ = std::make_shared<term>(in_, in_.next_server(), draw_config());
        const auto now = running_;
        add_tasks(in_, *now);
        add_stream_tasks(in_, *now);
        add_groups(in_, *now);
        in_.start(part::service, [this, now] { return stop_in_time(now); });
        for (auto heralds = in_.random().below(3); heralds != 0; --heralds)
            in_.start(part::act, [this, now] { return act_as_herald(in_, now); });
        co_await run(now);
        running_ = nullptr;
        if (!in_.is_over()) co_await pause(in_, in_.random().between<milliseconds>(0ms, 3s));
    }
}

asio::awaitable<void> site::run(term_ptr of) {
    in_.log(name_, "runs as server " + std::to_string(of->number));
    const auto report = co_await of->server.run();
    of->is_stopping = true;
    in_.log(name_, "has ended");
    in_.kept.demand(report.has_value(), name_ + ": run() failed");
    const auto stats = co_await of->server.stats();
    check_end(in_.kept, name_, stats);
}

result<void> site::admit_subscriber(const peer& who, const std::string& topic) {
    // It becomes one right behind this.
    auto& of = *running_;
    if (!of.server.group(topic).has(who)) in_.members.joined(of.name_of(who), topic, of.last_told[topic]);
    return {};
}

asio::awaitable<void> site::stop_in_time(term_ptr of) {
    auto& random = in_.random();
    const auto at = in_.clock().now() + random.between<duration>(500ms, 60s);
    // All but the last one of a site end in the midst of everything.
    while (!in_.is_over() && (in_.is_quiet() || in_.clock().now() < at)) co_await pause(in_, look_every);
    of->is_stopping = true;
    in_.log(name_, "stops");
    if (random.one_in(4)) {
        of->server.stop_now();
    } else {
        of->server.stop();
    }
}

asio::awaitable<void> site::check_members() {
    const auto of = running_;
    if (!of) co_return;
    const auto there = co_await of->server.peers();
    for (const auto& who : there) {
        if (!who.connected()) continue;  // it has gone since
        for (const auto& [topic, last] : of->last_told)
            in_.members.check_complete(of->name_of(who), topic, last, of->server.group(topic).has(who));
    }
}

}  // namespace echosocket::simulated

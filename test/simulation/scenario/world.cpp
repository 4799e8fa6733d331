#include "simulation/scenario/world.hpp"

#include "simulation/scenario/errands.hpp"
#include "simulation/scenario/guest.hpp"
#include "simulation/scenario/site.hpp"
#include "simulation/scenario/weather.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace echosocket::simulated {

namespace {

using std::chrono::milliseconds;

// Longer than any timeout that is drawn, so that whoever waits longer waits in vain.
constexpr auto patience = 5min;
// All pings and idle connections have been noticed then.
constexpr auto calm = 1min;

testing::scheduling draw_scheduling(std::uint64_t seed) {
    random_source random(seed);
    testing::scheduling drawn;
    if (random.one_in(2)) drawn.stall_one_in = random.between(50U, 1000U);
    drawn.longest_stall = random.between(1ms, 3000ms);
    return drawn;
}

template <class T, std::size_t N>
T one_of(random_source& random, const T (&choices)[N]) {
    return choices[random.below(N)];
}

}  // namespace

limits draw_limits(random_source& random) {
    limits drawn;
    drawn.max_frame = one_of<std::size_t>(random, {1024, 4096, 65'536});
    drawn.max_message = std::max(drawn.max_frame, one_of<std::size_t>(random, {4096, 32'768, 262'144}));
    drawn.max_calls = one_of<std::uint32_t>(random, {1, 4, 64});
    drawn.stream_credit = one_of<std::uint32_t>(random, {4096, 8192, 65'536});
    drawn.hello_timeout = one_of<milliseconds>(random, {500ms, 3s});
    drawn.frame_timeout = one_of<milliseconds>(random, {2s, 10s});
    drawn.write_timeout = one_of<milliseconds>(random, {2s, 10s});
    drawn.ping_interval = one_of<milliseconds>(random, {1s, 5s});
    drawn.idle_timeout = one_of<milliseconds>(random, {0ms, 3s, 30s});
    drawn.output_soft = one_of<std::size_t>(random, {4096, 65'536, 1024 * 1024});
    drawn.output_hard = 4 * drawn.output_soft;
    return drawn;
}

testing::link_rules draw_link(random_source& random) {
    testing::link_rules drawn;
    drawn.most_delay = one_of<milliseconds>(random, {0ms, 1ms, 20ms, 300ms});
    drawn.least_delay = random.one_in(2) ? drawn.most_delay / 2 : 0ms;
    drawn.most_bytes = one_of<std::size_t>(random, {1, 20, 1500, SIZE_MAX, SIZE_MAX});
    drawn.bytes_per_second = one_of<std::size_t>(random, {0, 0, 10'000, 1'000'000});
    drawn.capacity = one_of<std::size_t>(random, {64, 500, 8192, 65'536});
    // Bytes that come one by one, each after a long delay, would only be a partition.
    if (drawn.capacity <= 500) drawn.least_delay = drawn.most_delay = std::min(drawn.most_delay, 1ms);
    if (random.one_in(4)) drawn.reset_within = one_of<std::size_t>(random, {200, 5000, 100'000});
    return drawn;
}

std::string text_of(std::uint64_t number, std::size_t length) {
    random_source letters(number);
    std::string text(length, 'a');
    std::uint64_t drawn = 0;
    for (std::size_t i = 0; i != length; ++i) {
        if (i % 8 == 0) drawn = letters();
        text[i] = static_cast<char>('a' + (drawn >> (8 * (i % 8))) % 26);
    }
    return text;
}

asio::awaitable<void> pause(world& in, milliseconds length) {
    co_await sleep_for(in.clock(), length);
}

world::world(const world_options& given) : options(given), sim(given.seed, draw_scheduling(given.seed)) {}

world::~world() = default;

void world::log(std::string_view who, std::string_view text) const {
    if (!options.log) return;
    const auto time = std::chrono::duration<double>(sim.now().time_since_epoch() - 24h).count();
    std::printf("%10.4f %-8.*s %.*s\n", time, static_cast<int>(who.size()), who.data(), static_cast<int>(text.size()),
                text.data());
}

log_sink world::log_of(std::string who) const {
    if (!options.log) return {};
    return [this, who = std::move(who)](log_level, std::string_view text) { log(who, text); };
}

void world::start(part of, std::function<asio::awaitable<void>()> what) {
    ++running_[static_cast<std::size_t>(of)];
    asio::co_spawn(asio::make_strand(sim.executor()), std::move(what), [this, of](std::exception_ptr thrown) {
        --running_[static_cast<std::size_t>(of)];
        if (!thrown) return;
        try {
            std::rethrow_exception(thrown);
        } catch (const std::exception& e) {
            kept.broken(std::string("a part of the scenario threw: ") + e.what());
        } catch (...) {
            kept.broken("a part of the scenario threw what is no exception");
        }
    });
}

void world::build() {
    const auto site_count = random().between<std::size_t>(1, 3);
    for (std::size_t i = 0; i != site_count; ++i) sites.push_back(std::make_unique<site>(*this, i));
    const auto guest_count = random().between<std::size_t>(1, 4);
    for (std::size_t i = 0; i != guest_count; ++i) guests.push_back(std::make_unique<guest>(*this, i));
}

std::string world::play() {
    build();
    if (!play_phases() && !kept.complaint()) kept.broken("something went wrong");
    return kept.complaint().value_or(std::string());
}

bool world::play_phases() {
    for (const auto& each : sites) start(part::service, [&one = *each] { return one.live(); });
    for (const auto& each : guests) start(part::errand, [&one = *each] { return one.visit(); });
    start(part::act, [this] { return make_weather(*this); });

    const auto no_errand = [this] { return running(part::errand) == 0; };
    const auto no_act = [this] { return running(part::act) == 0; };
    if (!until("errands", no_errand, longest_storm + patience)) return false;
    quiet_ = true;
    if (!until("what servers and weather had begun", no_act, patience)) return false;

    log("world", "all is quiet");
    sim.run_for(calm);
    for (const auto& each : sites) start(part::act, [&one = *each] { return one.check_members(); });
    if (!until("checking groups", no_act, patience)) return false;
    for (const auto& each : guests) start(part::act, [this, &one = *each] { return download_in_calm(*this, one); });
    if (!until("streams in the calm", no_act, patience)) return false;

    for (const auto& each : guests) start(part::act, [&one = *each] { return one.leave(); });
    if (!until("clients that close", no_act, patience)) return false;
    over_ = true;
    if (!until(
            "servers that stop", [this] { return running(part::service) == 0; }, patience))
        return false;
    guests.clear();
    sites.clear();
    if (!until(
            "the end of all work", [this] { return sim.left().nothing(); }, patience))
        return false;
    kept.demand(kept.unfinished().empty(), "without an outcome: " + kept.unfinished());
    return !kept.complaint();
}

bool world::until(std::string_view phase, const std::function<bool()>& reached, duration at_most) {
    const auto reached_or_broken = [&] { return kept.complaint() || reached(); };
    if (!sim.run_until(reached_or_broken, at_most)) {
        const auto left = sim.left();
        kept.broken("stuck: " + std::string(phase) + "; without an outcome: " + kept.unfinished() +
                    "; left to do: " + std::to_string(left.ready) + " ready, " + std::to_string(left.timers) +
                    " timers, " + std::to_string(left.work) + " work");
    }
    return !kept.complaint();
}

}  // namespace echosocket::simulated

#include "simulation/scenario/weather.hpp"

#include <string>

namespace echosocket::simulated {

namespace {

using testing::direction;

direction draw_direction(random_source& random) {
    return random.one_in(2) ? direction::forth : direction::back;
}

void change(world& in, const testing::link& link, const std::string& name) {
    auto& random = in.random();
    const auto what = random.below(10);
    static constexpr const char* words[] = {"reset",   "reset",   "partition", "hold", "swallow",
                                            "another", "another", "heal",      "heal", "heal"};
    in.log(name, words[what]);
    switch (what) {
        case 0:
        case 1:
            return link.reset();
        case 2:
            return link.partition();
        case 3:
            return link.hold(draw_direction(random));
        case 4:
            return link.swallow(draw_direction(random));
        case 5:
        case 6:
            return link.set(draw_link(random));
        default:
            return link.heal();
    }
}

}  // namespace

asio::awaitable<void> make_weather(world& in) {
    auto& random = in.random();
    const auto ends = in.clock().now() + random.between<duration>(1s, longest_storm);
    // Some seeds have storms, some a fault now and then, some none.
    const auto longest_calm = random.between<std::chrono::milliseconds>(50ms, 20s);
    while (!in.is_quiet() && in.clock().now() < ends) {
        const auto lull = random.between<std::chrono::milliseconds>(1ms, longest_calm);
        co_await pause(in, lull);
        const auto which = random.below(in.links.size());
        change(in, in.links[which], "link " + std::to_string(which + 1));
    }
    for (const auto& link : in.links) {
        link.heal();
        link.set({});
    }
    in.log("weather", "fine from now on");
}

}  // namespace echosocket::simulated

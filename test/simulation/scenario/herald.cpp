#include "simulation/scenario/herald.hpp"

#include "simulation/scenario/tasks.hpp"

#include <echosocket/group.hpp>

#include <chrono>
#include <optional>
#include <set>
#include <utility>

namespace echosocket::simulated {

namespace {

using std::chrono::milliseconds;

// Below any limit that is drawn.
constexpr std::size_t longest_news = 300;

void tell(world& in, site::term& of, const std::string& topic) {
    const auto number = ++of.last_told[topic];
    const auto news = text_of(number, in.random().below(longest_news));
    if (topic.starts_with("topic")) {
        of.server.publish(topic, of.number, number, news);
    } else {
        of.server.group(topic).notify(topic, of.number, number, news);
    }
}

asio::awaitable<void> call_somebody(world& in, site::term_ptr of) {
    const auto there = co_await of->server.peers();
    if (there.empty()) co_return;
    const auto who = there[in.random().below(there.size())];
    const auto number = in.kept.begin("a server's call");
    const auto text = text_of(number, in.random().below(2000));
    const auto options = with_timeout(in.random().between<milliseconds>(1ms, 3s));
    if (in.random().one_in(2)) {
        auto call = who.call<std::string>(options, "answer", number, text);
        const auto answered = co_await counted(in, number, std::move(call));
        if (answered) in.kept.demand(*answered == answer_of(number, text), "a server got another call's answer");
    } else {
        const int time = static_cast<int>(in.random().below(2000));
        auto call = who.call<std::uint64_t>(options, "wait", number, time);
        const auto answered = co_await counted(in, number, std::move(call));
        if (answered) in.kept.demand(*answered == number, "a server got another call's number");
    }
}

asio::awaitable<void> ask_room(world& in, site::term_ptr of) {
    ask_options how;
    how.timeout = in.random().between<milliseconds>(10ms, 3s);
    how.quorum = in.random().below(3);
    const auto text = text_of(of->number, in.random().below(500));
    auto answers = of->server.group(lobby_name).ask<std::string>(how, "echo", text);
    const auto number = in.kept.begin("asking a group");
    std::set<std::uint64_t> answered;
    std::size_t successes = 0;
    for (bool goes_on = true; goes_on;) {
        const auto next = co_await answers.next();
        if (!next) break;
        in.kept.demand(answered.insert(next->from.id()).second, "one member of a group answered twice");
        if (next->reply) {
            ++successes;
            in.kept.demand(*next->reply == text, "a member of a group gave another call's answer");
        }
        goes_on = !in.random().one_in(8);
    }
    in.kept.demand(how.quorum == 0 || successes <= how.quorum, "more members answered than were wanted");
    in.kept.end(number, std::nullopt);
}

}  // namespace

asio::awaitable<void> act_as_herald(world& in, site::term_ptr of) {
    while (!of->is_stopping && !in.is_quiet()) {
        const auto what = in.random().below(10);
        const auto which = what % 2;
        if (what < 2) {
            tell(in, *of, room_names[which]);
        } else if (what < 4) {
            tell(in, *of, topic_names[which]);
        } else if (what < 6) {
            tell(in, *of, lobby_name);
        } else if (what < 9) {
            co_await call_somebody(in, of);
        } else {
            co_await ask_room(in, of);
        }
        co_await pause(in, in.random().between<milliseconds>(0ms, 400ms));
    }
}

}  // namespace echosocket::simulated

// Joining, leaving and publishing on several threads at once; most telling under ThreadSanitizer.
#include "integration/service_fixture.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;

namespace {

constexpr int publishers = 3;
constexpr int numbers_of_each = 400;  // published by each of them
constexpr int rounds = 150;           // of joining and leaving, for each member that does

/// An event that a member received, in order: a publisher's number, or that the member is about to join or has left.
struct event {
    enum kind_type { number, joining, left } kind;
    int publisher;
    int value;
};

struct member {
    std::vector<event> heard;  ///< Used on the strand of its connection, and by the test afterwards.
    std::size_t broadcasts = 0;
    client line;
    peer at_server;
};

asio::awaitable<void> let_others_run() {
    auto turn = asio::post(asio::deferred);
    co_await std::move(turn);
}

struct group_threads_fixture : service_fixture {
    std::vector<std::unique_ptr<member>> members;
    std::atomic<int> busy = 0;  ///< Coroutines that publish, join and leave.
    std::atomic<int> served = 0;

    group_threads_fixture() {
        settings.clock = client_settings.clock = &steady_clock();
        make();
        start();
    }
    ~group_threads_fixture() {
        for (auto& each : members) each->at_server = {};
    }

    member& add_member() {
        auto& one = *members.emplace_back(std::make_unique<member>());
        auto with = client_settings;
        with.name = std::to_string(members.size());
        with.handlers = handlers();
        with.handlers.on_notify("room", [&one](int who, int n) { one.heard.push_back({event::number, who, n}); });
        with.handlers.on_notify("joining", [&one] { one.heard.push_back({event::joining, 0, 0}); });
        with.handlers.on_notify("left", [&one] { one.heard.push_back({event::left, 0, 0}); });
        with.handlers.on_notify("all", [&one] { ++one.broadcasts; });
        with.handlers.on_notify("end", [this] {
            if (++served == static_cast<int>(members.size())) service->stop();
        });
        one.line = join(with);
        const auto found = run([&] { return service->find(with.name); });
        one.at_server = found.front();
        return one;
    }
    asio::awaitable<void> publish_all(int who) {
        for (int n = 0; n != numbers_of_each; ++n) {
            service->publish("room", who, n);
            if (n % 8 == who) co_await let_others_run();
        }
        finished();
    }
    asio::awaitable<void> broadcast_all() {
        for (int n = 0; n != numbers_of_each; ++n) {
            service->broadcast("all");
            co_await let_others_run();
        }
        (void)co_await service->session_count();  // broadcasts are queued the same way, so all are done by now
        finished();
    }
    asio::awaitable<void> come_and_go(const peer who) {
        const auto room = service->group("room");
        for (int round = 0; round != rounds; ++round) {
            (void)who.notify("joining");
            (void)room.join(who);
            co_await let_others_run();
            (void)room.leave(who);
            (void)who.notify("left");
            if (round % 4 == 0) co_await let_others_run();
        }
        finished();
    }
    /// The last one sends everybody a final message, after all others.
    void finished() {
        if (--busy != 0) return;
        for (const auto& each : members) (void)each->at_server.notify("end");
    }
    template <class Coroutine>
    void add(std::vector<spawned<void>>& to, Coroutine coroutine) {
        ++busy;
        to.push_back(spawn(std::move(coroutine)));
    }
};

/// The position of each number for a member that was there all the time.
std::map<std::pair<int, int>, std::size_t> places_of(const std::vector<event>& heard) {
    std::map<std::pair<int, int>, std::size_t> places;
    for (const auto& each : heard)
        if (each.kind == event::number) places.emplace(std::pair(each.publisher, each.value), places.size());
    return places;
}

/// Counts the numbers received; fails if one came outside of a membership, twice, in another order, or not at all.
std::size_t check_memberships(const std::vector<event>& heard,
                              const std::map<std::pair<int, int>, std::size_t>& places) {
    std::size_t total = 0;
    std::size_t faults = 0;
    bool may_hear = false;
    bool is_first = true;  // since the member joined
    std::size_t due = 0;   // the next expected position
    for (const auto& each : heard) {
        if (each.kind != event::number) {
            may_hear = each.kind == event::joining;
            is_first = true;
            continue;
        }
        const auto place = places.at({each.publisher, each.value});
        if (!may_hear || (!is_first && place != due)) ++faults;
        is_first = false;
        due = place + 1;
        ++total;
    }
    BOOST_TEST(faults == 0U);
    return total;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(group_threads, group_threads_fixture)

BOOST_AUTO_TEST_CASE(between_join_and_leave_there_is_no_gap_and_no_duplicate_and_one_order_for_all) {
    auto& witness = add_member();
    auto& other_witness = add_member();
    auto& hears_everything = add_member();
    for (auto* each : {&witness, &other_witness})
        BOOST_TEST(outcome(service->group("room").join(each->at_server)) == "ok");
    BOOST_TEST(outcome(service->group("*").join(hears_everything.at_server)) == "ok");
    std::vector<spawned<void>> running;
    busy = 1;
    for (int i = 0; i != 4; ++i) {
        auto& guest = add_member();
        add(running, [this, &guest] { return come_and_go(guest.at_server); });
    }
    for (int i = 0; i != publishers; ++i) add(running, [this, i] { return publish_all(i); });
    add(running, [this] { return broadcast_all(); });
    finished();
    run_on_threads(4);

    BOOST_REQUIRE(life->done());
    (void)value_of(life->get());
    life.reset();
    const auto places = places_of(witness.heard);
    BOOST_TEST(places.size() == static_cast<std::size_t>(publishers * numbers_of_each));
    BOOST_TEST(witness.heard.size() == places.size());
    BOOST_TEST(other_witness.heard.size() == places.size());
    std::size_t place = 0;
    std::size_t misplaced = 0;
    for (const auto& each : other_witness.heard)
        misplaced += places.at({each.publisher, each.value}) == place++ ? 0 : 1;
    BOOST_TEST(misplaced == 0U);
    std::size_t heard = 0;
    for (std::size_t i = 3; i != members.size(); ++i) heard += check_memberships(members[i]->heard, places);
    BOOST_TEST(heard > 0U);
    // Whether in both groups or one: each number comes once, and each publisher's in order.
    BOOST_TEST(hears_everything.heard.size() == places.size());
    std::map<int, int> next;
    std::size_t out_of_order = 0;
    for (const auto& each : hears_everything.heard) out_of_order += next[each.publisher]++ == each.value ? 0 : 1;
    BOOST_TEST(out_of_order == 0U);
    for (const auto& each : members) BOOST_TEST(each->broadcasts == static_cast<std::size_t>(numbers_of_each));
    for (auto& each : members) leave(each->line);
}

BOOST_AUTO_TEST_CASE(members_that_vanish_while_they_are_told_leave_no_trace) {
    std::vector<spawned<void>> running;
    std::atomic<int> left = 12;
    for (int i = 0; i != 12; ++i) {
        running.push_back(spawn([this, &left]() -> asio::awaitable<void> {
            for (int visit = 0; visit != 5; ++visit) {
                auto joined = co_await client::connect(*service, client_settings);
                if (!joined) continue;
                auto here = co_await service->peers();
                for (const auto& each : here) (void)service->group("room").join(each);
                for (int n = 0; n != 20; ++n) service->group("room").notify("room", visit, n);
                auto closing = joined->close();
                co_await std::move(closing);
            }
            if (--left == 0) service->stop();
        }));
    }
    run_on_threads(4);
    BOOST_REQUIRE(life->done());
    (void)value_of(life->get());
    life.reset();
    BOOST_TEST(stats().groups == 0U);
    BOOST_TEST(stats().accepted == 60U);
}

BOOST_AUTO_TEST_SUITE_END()

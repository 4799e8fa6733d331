// A call at the edge and the calls made on its behalf elsewhere: when it ends, they end too.
//
// Three servers call each other: the edge calls A, whose handler calls B, whose handler calls C, which sleeps.
#include "integration/service_fixture.hpp"
#include "support/alive.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace echosocket;
using namespace echosocket::test;
using namespace boost::asio::experimental::awaitable_operators;

namespace {

/// One of the three, with a connection to the next.
struct station {
    std::optional<server> service;
    std::optional<spawned<result<shutdown_report>>> life;
    client next;
    int living = 0;      ///< Running handlers.
    int unwound = 0;     ///< Handlers that ended without a result.
    duration left = {};  ///< Until the deadline of the last call, as its handler saw it.
    std::string trace_id;

    void saw(task_context& call) {
        left = call.remaining().value_or(duration::zero());
        trace_id = call.trace_id();
    }
};

struct chain_fixture : io_fixture {
    std::vector<std::unique_ptr<station>> stations;  ///< A, B and C.
    client edge;

    chain_fixture() {
        for (int i = 0; i != 3; ++i) add_station();
        for (std::size_t i = 0; i != 2; ++i) stations[i]->next = connect_to(*stations[i + 1]);
        edge = connect_to(*stations[0]);
    }

    ~chain_fixture() {
        close(edge);
        for (auto& one : stations) close(one->next);
        for (auto& one : stations) {
            one->service->stop();
            settle();
            BOOST_TEST(one->life->done(), "something is left running on a server");
            if (!one->life->done()) continue;
            const auto report = value_of(one->life->get());
            BOOST_TEST((report.cancelled == 0U && report.closed == 0U));
        }
    }

    void add_station() {
        auto made = std::make_unique<station>();
        server_config config;
        config.clock = &clock;
        made->service.emplace(io.get_executor(), config);
        station& here = *made;
        // A station that has a next one calls it several times at once; the last one sleeps.
        here.service->on("work", [&here](task_context& call) -> asio::awaitable<result<int>> {
            const alive running(here.living);
            here.saw(call);
            ++here.unwound;
            if (!here.next.connected()) {
                co_await call.sleep_for(10s);
                --here.unwound;
                co_return 1;
            }
            const auto options = within(call);
            auto left = here.next.call<int>(options, "work");
            auto right = here.next.call<int>(options, "work");
            auto [first, second] = co_await (std::move(left) && std::move(right));
            if (!first) co_return std::move(first.error());
            if (!second) co_return std::move(second.error());
            --here.unwound;
            co_return *first + *second;
        });
        made->life.emplace(spawn([&here] { return here.service->run(); }));
        settle();
        stations.push_back(std::move(made));
    }
    client connect_to(station& target) {
        client_config config;
        config.clock = &clock;
        config.call_timeout = 0ms;
        return value_of(run([&] { return client::connect(*target.service, config); }));
    }
    void close(client& c) {
        run([&] { return c.close(); });
    }
    server_stats stats_of(station& of) {
        return run([&] { return of.service->stats(); });
    }

    void check_all_running() {
        settle();
        const std::vector<int> expected{1, 2, 4};
        for (std::size_t i = 0; i != 3; ++i) {
            BOOST_TEST(stations[i]->living == expected[i]);
            BOOST_TEST(stats_of(*stations[i]).running_calls == static_cast<std::size_t>(expected[i]));
        }
    }
    void check_nothing_left() {
        const std::vector<int> expected{1, 2, 4};
        for (std::size_t i = 0; i != 3; ++i) {
            BOOST_TEST(stations[i]->living == 0);
            BOOST_TEST(stations[i]->unwound == expected[i]);
            BOOST_TEST(stats_of(*stations[i]).running_calls == 0U);
        }
        settle();
        for (auto& one : stations) BOOST_TEST(stats_of(*one).connections == 1U);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(structured_concurrency, chain_fixture)

BOOST_AUTO_TEST_CASE(three_servers_answer_through_each_other) {
    auto call = spawn([&] { return edge.call<int>("work"); });
    check_all_running();
    clock.advance(10s);
    BOOST_TEST(value_of(run(call)) == 4);
    for (auto& one : stations) BOOST_TEST((one->living == 0 && one->unwound == 0));
}

BOOST_AUTO_TEST_CASE(cancelling_at_the_edge_unwinds_three_servers_within_50_ms) {
    auto call = spawn([&]() -> asio::awaitable<bool> {
        auto work = edge.call<int>("work");
        auto patience_of_edge = sleep_for(clock, 1s);
        const auto first = co_await (std::move(work) || std::move(patience_of_edge));
        co_return first.index() == 1;
    });
    check_all_running();
    clock.advance(1s);
    const auto cancelled_at = clock.now();
    settle();
    BOOST_TEST(run(call));
    check_nothing_left();
    BOOST_TEST((clock.now() - cancelled_at < 50ms));
}

BOOST_AUTO_TEST_CASE(a_deadline_at_the_edge_shrinks_on_its_way_and_unwinds_three_servers) {
    auto options = with_timeout(500ms);
    options.trace_id = "from the edge";
    auto call = spawn([&] { return edge.call<int>(options, "work"); });
    check_all_running();
    for (auto& one : stations) {
        BOOST_TEST((one->left > 400ms && one->left <= 500ms));
        BOOST_TEST(one->trace_id == "from the edge");
    }
    clock.advance(499ms);
    settle();
    BOOST_TEST(!call.done());
    clock.advance(1ms);
    settle();
    BOOST_TEST(outcome(run(call)) == "deadline_exceeded");
    check_nothing_left();
}

BOOST_AUTO_TEST_CASE(losing_the_edge_unwinds_three_servers) {
    auto call = spawn([&] { return edge.call<int>("work"); });
    check_all_running();
    edge.peer().close();
    settle();
    BOOST_TEST(outcome(run(call)) == "connection_closed");
    for (std::size_t i = 0; i != 3; ++i) {
        BOOST_TEST(stations[i]->living == 0);
        BOOST_TEST(stats_of(*stations[i]).running_calls == 0U);
        BOOST_TEST(stats_of(*stations[i]).connections == (i == 0 ? 0U : 1U));
    }
}

BOOST_AUTO_TEST_CASE(losing_the_middle_unwinds_what_hangs_on_it_and_answers_the_edge) {
    auto call = spawn([&] { return edge.call<int>("work"); });
    check_all_running();
    stations[0]->next.peer().close();
    settle();
    BOOST_TEST(outcome(run(call)) == "connection_closed");
    for (auto& one : stations) BOOST_TEST(one->living == 0);
    BOOST_TEST(edge.connected());
}

BOOST_AUTO_TEST_SUITE_END()

// `std::bad_alloc` at the nth allocation of a call's life, for each n: the call ends once, nothing is left behind, and
// the server goes on.
//
// What Asio allocates for its own queue does not come from `operator new`, and does not fail here: Asio allocates in
// destructors, which no library above it can mend. Frames of coroutines do if Asio does not recycle them, as in the
// sanitizers' build. What Asio does not survive is spared: its strands are destroyed uninitialised if there is no
// memory for their parts (Boost 1.81).
#include "integration/service_fixture.hpp"
#include "support/alive.hpp"
#include "support/allocation_count.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>

#include <pthread.h>

#include <new>
#include <string>
#include <string_view>

using namespace echosocket;
using namespace echosocket::test;

namespace {

const std::string long_text(100, 't');  // so that it needs memory wherever it goes
// Bytes of a strand's mutex and of the count of its owners, in libstdc++.
constexpr failing_allocation::spared_sizes strand_parts = {sizeof(pthread_mutex_t), 3 * sizeof(void*)};

struct memory_fixture : service_fixture {
    int living = 0;
    int runs = 0;

    /// What a call comes to, without an allocation of the test's own.
    using life = asio::awaitable<std::string_view> (memory_fixture::*)(client&);

    memory_fixture() {
        make().on("echo", [](std::string text) { return text; });
        service->on("nap", [this](task_context& call, std::string text) -> asio::awaitable<std::string> {
            const alive here(living);
            co_await call.sleep_for(10ms);
            ++runs;
            co_return text;
        });
        service->on("mirror", [this](source<std::string>& in, sink<std::string>& out) -> asio::awaitable<int> {
            const alive here(living);
            for (int items = 0;; ++items) {
                auto item = co_await in.next();
                if (!item || !*item) co_return items;
                auto sent = co_await out.send(**item);
                if (!sent) co_return items;
            }
        });
        service->on("ask back", [this](task_context& call) -> asio::awaitable<result<std::string>> {
            const alive here(living);
            auto answer = co_await call.peer().call<std::string>("own", long_text);
            co_return answer;
        });
        client_settings.handlers.on("own", [](std::string text) { return text; });
        client_settings.call_timeout = 1s;
        start();
    }

    template <class T>
    static std::string_view name_of_outcome(const result<T>& of) {
        return of ? "ok" : name_of(of.error().code);
    }
    asio::awaitable<std::string_view> plain(client& c) {
        auto reply = co_await c.call<std::string>("echo", long_text);
        co_return name_of_outcome(reply);
    }
    asio::awaitable<std::string_view> suspended(client& c) {
        auto reply = co_await c.call<std::string>("nap", long_text);
        co_return name_of_outcome(reply);
    }
    asio::awaitable<std::string_view> with_a_key(client& c) {
        auto reply = co_await c.call<std::string>(once(long_text.substr(0, 40)), "nap", long_text);
        co_return name_of_outcome(reply);
    }
    asio::awaitable<std::string_view> with_streams(client& c) {
        auto call = c.open<int, std::string, std::string>("mirror");
        auto sent = co_await call.out().send(long_text);
        if (!sent) co_return name_of_outcome(sent);  // the call goes with its handle
        auto item = co_await call.in().next();
        (void)call.out().end();
        auto reply = co_await call.reply();
        co_return !item ? name_of_outcome(item) : name_of_outcome(reply);
    }
    asio::awaitable<std::string_view> that_calls_back(client& c) {
        auto reply = co_await c.call<std::string>("ask back");
        co_return name_of_outcome(reply);
    }
    asio::awaitable<std::string_view> notified(client& c) {
        auto told = c.notify("news", long_text);
        co_return name_of_outcome(told);
    }
    asio::awaitable<std::string_view> of_a_connection(client& c) {
        auto joined = co_await client::connect(*service, client_settings);
        if (!joined) co_return name_of_outcome(joined);
        c = std::move(*joined);
        auto outcome = co_await plain(c);
        co_await c.close();
        co_return outcome;
    }

    asio::awaitable<std::string_view> guarded(life part, client& c, int& ends) {
        co_await asio::post(asio::deferred);  // so that what spawned this needs no memory to end it
        std::string_view came_to = "bad_alloc";
        try {
            came_to = co_await (this->*part)(c);
        } catch (const std::bad_alloc&) {
        }
        ++ends;
        co_return came_to;
    }

    /// One call whose nth allocation fails. False if it has fewer.
    bool fail_at(std::size_t nth, life part, bool is_connected) {
        int ends = 0;
        bool has_failed = false;
        bool has_escaped = false;
        auto c = is_connected ? join() : client();
        auto call = spawn([&] { return guarded(part, c, ends); });
        {
            const failing_allocation failing(nth, strand_parts);
            try {
                pass();
            } catch (...) {
                has_escaped = true;
            }
            has_failed = failing.happened();
        }
        pass();
        BOOST_TEST(!has_escaped);
        BOOST_TEST_REQUIRE(call.done());
        BOOST_TEST(ends == 1);
        if (!has_failed) BOOST_TEST(call.get() == "ok");
        leave(c);
        check_goes_on();
        return has_failed;
    }
    /// The time that a call may take; less than any keepalive.
    void pass() {
        settle();
        for (int i = 0; i != 3; ++i) {
            clock.advance(10ms);
            settle();
        }
    }
    void check_goes_on() {
        auto c = join();
        BOOST_TEST(value_of(ask<std::string>(c, "echo", "on")) == "on");
        leave(c);
        settle();
        const auto left = stats();
        BOOST_TEST(left.connections == 0U);
        BOOST_TEST(left.running_calls == 0U);
        BOOST_TEST(living == 0);
    }
    /// Returns how many allocations there are.
    std::size_t fail_at_each(life part, bool is_connected = true) {
        if (!failing_allocation::is_possible()) return 0;
        for (std::size_t nth = 1;; ++nth) {
            BOOST_TEST_CONTEXT("allocation " << nth) {
                if (!fail_at(nth, part, is_connected)) return nth - 1;
            }
        }
    }
    /// There are some, unless they belong to a sanitizer.
    void check_each(life part, bool is_connected = true) {
        const auto failed = fail_at_each(part, is_connected);
        BOOST_TEST((failed > 0 || !failing_allocation::is_possible()));
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(out_of_memory, memory_fixture)

BOOST_AUTO_TEST_CASE(a_plain_call_ends_once) {
    check_each(&memory_fixture::plain);
}

BOOST_AUTO_TEST_CASE(a_call_that_suspends_ends_once) {
    check_each(&memory_fixture::suspended);
}

BOOST_AUTO_TEST_CASE(a_call_with_streams_ends_once) {
    check_each(&memory_fixture::with_streams);
}

BOOST_AUTO_TEST_CASE(a_call_that_calls_back_ends_once) {
    check_each(&memory_fixture::that_calls_back);
}

BOOST_AUTO_TEST_CASE(a_notification_fails_or_is_sent) {
    check_each(&memory_fixture::notified);
}

BOOST_AUTO_TEST_CASE(a_connection_ends_in_order) {
    check_each(&memory_fixture::of_a_connection, false);
}

BOOST_AUTO_TEST_CASE(a_call_with_a_key_takes_effect_once_also_if_it_is_made_again) {
    if (!failing_allocation::is_possible()) return;
    bool has_failed = true;
    for (std::size_t nth = 1; has_failed; ++nth) {
        BOOST_TEST_CONTEXT("allocation " << nth) {
            runs = 0;
            has_failed = fail_at(nth, &memory_fixture::with_a_key, true);
            auto c = join();
            auto again = spawn([&] { return with_a_key(c); });
            pass();
            BOOST_TEST_REQUIRE(again.done());
            BOOST_TEST(runs <= 1);
            leave(c);
            clock.advance(settings.remembered_for + 1s);
            settle();
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

#include "connection/item_queue.hpp"

#include "wire/frame.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <string>
#include <vector>

using namespace echosocket;

namespace {

std::size_t cost_of(const std::string& body) {
    return wire::header_size + body.size();
}

void push(net::item_queue& queue, const std::string& body, content_type type = content_type::bytes) {
    queue.push(body, type, cost_of(body));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(item_queue)

BOOST_AUTO_TEST_CASE(items_come_out_as_they_went_in) {
    net::item_queue queue;
    std::vector<std::string> bodies;
    for (std::size_t i = 0; i != 500; ++i) bodies.emplace_back(i * 37 % 2'500, static_cast<char>('a' + i % 26));
    std::size_t next = 0;
    const auto pop_one = [&] {
        const auto item = queue.pop();
        BOOST_TEST_REQUIRE(item.raw.body == bodies[next]);
        BOOST_TEST((item.raw.type == (next % 3 == 0 ? content_type::json : content_type::bytes)));
        BOOST_TEST(item.cost == cost_of(bodies[next]));
        ++next;
    };
    for (std::size_t i = 0; i != bodies.size(); ++i) {
        push(queue, bodies[i], i % 3 == 0 ? content_type::json : content_type::bytes);
        if (i % 2 == 1) pop_one();
    }
    while (!queue.empty()) pop_one();
    BOOST_TEST(next == bodies.size());
    BOOST_TEST(queue.bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(one_that_is_put_back_comes_first_and_costs_nothing_more) {
    for (const std::size_t size : {3U, 3'000U}) {
        net::item_queue queue;
        push(queue, std::string(size, 'a'), content_type::json);
        push(queue, std::string(size, 'b'));
        queue.put_back(queue.pop().raw);
        BOOST_TEST(queue.bytes() >= 2 * size);
        auto again = queue.pop();
        BOOST_TEST(again.raw.body == std::string(size, 'a'));
        BOOST_TEST((again.raw.type == content_type::json));
        BOOST_TEST(again.cost == 0U);
        BOOST_TEST(queue.pop().raw.body == std::string(size, 'b'));
        BOOST_TEST(queue.empty());
        queue.put_back(std::move(again.raw));
        BOOST_TEST(!queue.empty());
        BOOST_TEST(queue.clear() == 0U);
        BOOST_TEST(queue.empty());
        BOOST_TEST(queue.bytes() == 0U);
    }
}

BOOST_AUTO_TEST_CASE(many_items_take_little_more_than_they_cost) {
    for (const std::size_t size : {0U, 1U, 20U, 300U, 1'000U, 1'100U, 20'000U}) {
        net::item_queue queue;
        std::size_t cost = 0;
        while (cost < 1'000'000) {
            push(queue, std::string(size, 'x'));
            cost += cost_of(std::string(size, 'x'));
        }
        BOOST_TEST_CONTEXT("items of " << size << " bytes") BOOST_TEST(queue.bytes() < cost * 5 / 4);
    }
}

BOOST_AUTO_TEST_CASE(one_small_item_takes_little) {
    net::item_queue queue;
    push(queue, "x");
    BOOST_TEST(queue.bytes() < 200U);
}

BOOST_AUTO_TEST_CASE(all_of_them_can_be_forgotten) {
    net::item_queue queue;
    push(queue, "small");
    push(queue, std::string(5'000, 'x'));
    BOOST_TEST(queue.clear() == cost_of("small") + cost_of(std::string(5'000, 'x')));
    BOOST_TEST(queue.empty());
    BOOST_TEST(queue.bytes() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

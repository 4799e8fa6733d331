#include "connection/outbox.hpp"

#include "support/allocation_count.hpp"
#include "support/raw_frames.hpp"

#include <echosocket/testing.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

using namespace echosocket;
using wire::frame_kind;

namespace {

constexpr std::size_t kib = 1024;

/// What the outbox writes, read at the other end.
struct line {
    explicit line(testing::faults far = {}) : ends(testing::memory_pipe({}, far)) {}

    std::string written_by(net::outbox& from) {
        std::string all;
        for (bool more = true; more;) {
            more = from.write_to(*ends.first).error == asio::error::would_block;
            std::array<char, 64 * kib> chunk;
            for (auto io = ends.second->read_some(asio::buffer(chunk)); io.bytes != 0;
                 io = ends.second->read_some(asio::buffer(chunk)))
                all.append(chunk.data(), io.bytes);
        }
        return all;
    }

    std::pair<std::unique_ptr<transport>, std::unique_ptr<transport>> ends;
};

std::string body_of(std::uint32_t id, std::size_t size) {
    return std::string(size, static_cast<char>('a' + id % 26));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(outbox)

BOOST_AUTO_TEST_CASE(small_and_large_bodies_are_written_in_their_order_and_whole) {
    for (const std::size_t capacity : {1 * kib, 100 * kib, 10'000 * kib}) {
        net::outbox out;
        out.set_max_frame(1024 * kib);
        std::string expected;
        for (std::uint32_t id = 1; id != 100; ++id) {
            const auto body = body_of(id, id % 3 == 0 ? 20 * kib : id % 7 == 0 ? 70 * kib : id);
            out.push(frame_kind::response, id, {}, std::string(body));
            expected += test::raw::response(id, body);
        }
        BOOST_TEST(out.size() == expected.size());
        line to({.capacity = capacity});
        BOOST_TEST((to.written_by(out) == expected), capacity);
        BOOST_TEST(out.empty());
    }
}

BOOST_AUTO_TEST_CASE(what_is_queued_between_writes_follows_what_is_still_there) {
    net::outbox out;
    line to({.capacity = 1 * kib});
    std::string expected;
    std::string came;
    for (std::uint32_t id = 1; id != 50; ++id) {
        const auto body = body_of(id, id % 2 == 0 ? 16 * kib : 10);
        out.push(frame_kind::response, id, {}, std::string(body));
        expected += test::raw::response(id, body);
        static_cast<void>(out.write_to(*to.ends.first));
        std::array<char, kib> chunk;
        came.append(chunk.data(), to.ends.second->read_some(asio::buffer(chunk)).bytes);
        if (id % 10 == 0) came += to.written_by(out);
    }
    BOOST_TEST((came + to.written_by(out) == expected));
}

BOOST_AUTO_TEST_CASE(large_bodies_cost_little_more_memory_than_their_own) {
    net::outbox out;
    const test::allocation_watch memory;
    for (std::uint32_t id = 1; id != 65; ++id) out.push(frame_kind::response, id, {}, body_of(id, 16 * kib));
    BOOST_TEST(out.size() > 64 * 16 * kib);
    BOOST_TEST(memory.peak() < out.size() + 128 * kib);  // one block for all headers, and the list of the pieces
    out.clear();
}

BOOST_AUTO_TEST_CASE(pieces_leave_others_their_turn) {
    net::outbox out;
    out.push(frame_kind::response, 1, {}, std::string(3 * 1024 * kib, 'l'));
    line to({.capacity = 10'000 * kib});
    const auto first = out.write_to(*to.ends.first);
    BOOST_TEST((first.error == asio::error::would_block));
    BOOST_TEST(first.bytes >= 64 * kib);
    BOOST_TEST(first.bytes < 128 * kib);
    out.push(frame_kind::pong, 0, std::string_view("now"));
    const auto rest = to.written_by(out);
    BOOST_TEST(rest.find("now") > first.bytes);
    BOOST_TEST(rest.find("now") < first.bytes + kib);
}

BOOST_AUTO_TEST_CASE(a_body_of_its_own_is_given_back_while_it_goes_out_and_one_of_others_is_not) {
    std::string large(8 * 1024 * kib, 'l');
    const auto others = std::make_shared<const std::string>(large);
    const char* at = large.data();
    for (const bool is_shared : {true, false}) {
        net::outbox out;
        if (is_shared) {
            out.push(frame_kind::response, 1, {}, others);
        } else {
            out.push(frame_kind::response, 1, {}, std::move(large));
        }
        line to({.capacity = 100'000 * kib});
        std::string came;
        while (came.size() < 6 * 1024 * kib) {
            static_cast<void>(out.write_to(*to.ends.first));
            std::string chunk(1024 * kib, '\0');
            came.append(chunk.data(), to.ends.second->read_some(asio::buffer(chunk)).bytes);
        }
        BOOST_TEST(std::ranges::count(came, 'l') > 5 * 1024 * 1024);
        if (is_shared) {
            BOOST_TEST(std::ranges::count(*others, 'l') == 8 * 1024 * 1024);
        } else {
            BOOST_TEST(at[4 * 1024 * kib] == '\0');  // the page was given back and reads as zeros
        }
        came += to.written_by(out);
        BOOST_TEST(std::ranges::count(came, 'l') == 8 * 1024 * 1024);
    }
}

BOOST_AUTO_TEST_SUITE_END()

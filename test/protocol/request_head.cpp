// The meta of the last request, read once for all that have the same.
#include "protocol/request_head.hpp"
#include "support/raw_frames.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

using namespace echosocket;
using namespace echosocket::test;

namespace {

bool lies_in(std::string_view part, const std::string& whole) {
    return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

protocol::event described(const protocol::request_head& head, const std::string& meta, std::string_view body = {}) {
    protocol::event r;
    head.describe({.kind = wire::frame_kind::request, .id = 7, .meta = meta, .body = body}, r);
    return r;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(request_head)

BOOST_AUTO_TEST_CASE(each_request_is_described_by_its_own_bytes) {
    protocol::request_head head;
    const auto first =
        raw::meta({.name = "add", .trace_id = "trace", .idempotency_key = "key", .content_type = content_type::json});
    BOOST_TEST_REQUIRE(head.read(first));
    const std::string second = first;
    BOOST_TEST(head.is_of(second));
    const auto r = described(head, second, "[1,2]");
    BOOST_TEST(r.id == 7U);
    BOOST_TEST(r.name == "add");
    BOOST_TEST(r.trace_id == "trace");
    BOOST_TEST(r.idempotency_key == "key");
    BOOST_TEST(r.body == "[1,2]");
    BOOST_TEST((r.type == content_type::json));
    BOOST_TEST((lies_in(r.name, second) && lies_in(r.trace_id, second) && lies_in(r.idempotency_key, second)));
}

BOOST_AUTO_TEST_CASE(another_meta_is_another_head) {
    protocol::request_head head;
    BOOST_TEST_REQUIRE(
        head.read(raw::meta({.name = "add", .deadline_ms = 100, .trace_id = "t", .content_type = content_type::json})));
    BOOST_TEST(head.deadline_ms().value_or(0) == 100U);
    for (const auto& other :
         {raw::meta({.name = "adz", .deadline_ms = 100, .trace_id = "t", .content_type = content_type::json}),
          raw::meta({.name = "add", .deadline_ms = 101, .trace_id = "t", .content_type = content_type::json}),
          raw::meta({.name = "add", .deadline_ms = 100, .trace_id = "u", .content_type = content_type::json}),
          raw::meta({.name = "add", .deadline_ms = 100, .trace_id = "t"})})
        BOOST_TEST(!head.is_of(other));
    const auto bare = raw::meta({.name = "sum"});
    BOOST_TEST_REQUIRE(head.read(bare));
    const auto r = described(head, bare);
    BOOST_TEST(r.name == "sum");
    BOOST_TEST(r.trace_id.empty());
    BOOST_TEST((r.type == content_type::bytes));
    BOOST_TEST(!head.deadline_ms());
    BOOST_TEST(head.has_name());
    BOOST_TEST_REQUIRE(head.read(""));
    BOOST_TEST(!head.has_name());
}

BOOST_AUTO_TEST_CASE(of_repeated_names_the_last_counts_whatever_stands_in_the_others) {
    const auto broken = raw::meta({.name = "ech\xff"});
    const auto good = raw::meta({.name = "echo"});
    protocol::request_head head;
    BOOST_TEST_REQUIRE(head.read(broken + good));
    BOOST_TEST(head.has_name());
    BOOST_TEST(described(head, broken + good).name == "echo");
    BOOST_TEST_REQUIRE(head.read(good + broken));
    BOOST_TEST(!head.has_name());
    BOOST_TEST(!head.read(std::string("\x01\0\0", 3) + good));
}

BOOST_AUTO_TEST_CASE(a_call_with_streams_has_no_idempotency_key) {
    protocol::request_head head;
    const auto meta = raw::meta({.name = "take", .idempotency_key = "key", .streams = 3});
    BOOST_TEST_REQUIRE(head.read(meta));
    const auto r = described(head, meta);
    BOOST_TEST(r.streams == 3U);
    BOOST_TEST(r.idempotency_key.empty());
}

BOOST_AUTO_TEST_CASE(one_that_can_not_be_read_is_told) {
    protocol::request_head head;
    const auto meta = raw::meta({.name = "add"});
    BOOST_TEST(!head.read(std::string_view(meta).substr(0, meta.size() - 1)));
    BOOST_TEST(head.read(meta));
}

BOOST_AUTO_TEST_SUITE_END()

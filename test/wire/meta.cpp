#include "wire/meta.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <string_view>

using namespace echosocket;
using namespace echosocket::wire;

namespace {

std::string record(int tag, std::string_view value) {
    std::string bytes(3, '\0');
    bytes[0] = static_cast<char>(tag);
    store(bytes.data() + 1, static_cast<std::uint16_t>(value.size()));
    return bytes.append(value);
}

bool reads(std::string_view bytes) {
    wire::meta m;
    return parse_meta(bytes, m);
}

bool reads(int tag, std::size_t size) {
    return reads(record(tag, std::string(size, 'x')));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(meta)

BOOST_AUTO_TEST_CASE(no_records_say_nothing) {
    wire::meta m;
    BOOST_TEST(parse_meta("", m));
    BOOST_TEST(m.name.empty());
    BOOST_TEST(!m.deadline_ms);
    BOOST_TEST(meta_size(m) == 0U);
}

BOOST_AUTO_TEST_CASE(what_is_absent_or_the_default_is_not_written) {
    BOOST_TEST(meta_size({.name = "ab"}) == 5U);
    BOOST_TEST(meta_size({.deadline_ms = 0}) == 7U);  // no deadline and one that has passed are two things
    BOOST_TEST(meta_size({.content_type = content_type::bytes}) == 0U);
    BOOST_TEST(meta_size({.last_call = 0}) == 7U);
}

BOOST_AUTO_TEST_CASE(each_record_has_the_lengths_that_it_can_have) {
    BOOST_TEST((!reads(1, 0) && reads(1, 1) && reads(1, 255) && !reads(1, 256)));
    BOOST_TEST((!reads(2, 3) && reads(2, 4) && !reads(2, 5)));
    BOOST_TEST((!reads(3, 1) && reads(3, 2) && !reads(3, 3)));
    BOOST_TEST((!reads(4, 0) && reads(4, 1) && !reads(4, 2)));
    BOOST_TEST((reads(5, 0) && reads(5, 64) && !reads(5, 65)));
    BOOST_TEST((reads(6, 0) && reads(6, 64) && !reads(6, 65)));
    BOOST_TEST((!reads(7, 0) && reads(7, 1) && !reads(7, 2)));
    BOOST_TEST((!reads(8, 3) && reads(8, 4) && !reads(8, 5)));
    BOOST_TEST((!reads(9, 3) && reads(9, 4) && !reads(9, 5)));
    BOOST_TEST((!reads(10, 0) && reads(10, 1) && !reads(10, 2)));
}

BOOST_AUTO_TEST_CASE(unknown_records_of_any_length_are_skipped) {
    wire::meta m;
    const auto bytes = record(0, "") + record(11, "abc") + record(1, "echo") + record(255, std::string(999, 'x'));
    BOOST_TEST(parse_meta(bytes, m));
    BOOST_TEST(m.name == "echo");
}

BOOST_AUTO_TEST_CASE(of_a_repeated_record_the_last_counts) {
    wire::meta m;
    const auto bytes = record(1, "a") + record(7, "\x01") + record(1, "b") + record(7, std::string(1, '\0'));
    BOOST_TEST(parse_meta(bytes, m));
    BOOST_TEST(m.name == "b");
    BOOST_CHECK(m.content_type == content_type::bytes);
}

BOOST_AUTO_TEST_CASE(records_cut_at_any_byte_are_not_read) {
    const auto whole = record(1, "echo") + record(2, "1234");
    for (std::size_t size = 1; size < whole.size(); ++size)
        BOOST_TEST(reads(std::string_view(whole).substr(0, size)) == (size == 7), "cut after " << size);
    BOOST_TEST(!reads(std::string_view("\x01\xff\xff", 3)));
}

BOOST_AUTO_TEST_CASE(a_content_type_of_a_later_version_is_read_as_bytes) {
    wire::meta m{.content_type = content_type::json};
    BOOST_TEST(parse_meta(record(7, "\x02"), m));
    BOOST_CHECK(m.content_type == content_type::bytes);
}

BOOST_AUTO_TEST_CASE(a_content_type_that_has_no_name_is_not_written) {
    BOOST_TEST(meta_size({.content_type = static_cast<content_type>(200)}) == 0U);
}

BOOST_AUTO_TEST_CASE(the_same_is_read_that_was_written) {
    const wire::meta written{.name = "task",
                             .deadline_ms = 0xfffefdfc,
                             .code = 0xfefd,
                             .facts = 0x83,
                             .trace_id = std::string_view("\0t", 2),
                             .idempotency_key = "key",
                             .content_type = content_type::json,
                             .last_call = 0,
                             .credit = 0x80000000,
                             .streams = 3};
    std::string bytes(meta_size(written) + 1, '#');
    write_meta(bytes.data(), written);
    BOOST_TEST(bytes.back() == '#');
    bytes.pop_back();
    wire::meta read;
    BOOST_REQUIRE(parse_meta(bytes, read));
    BOOST_TEST(read.name == written.name);
    BOOST_TEST(read.deadline_ms.value() == 0xfffefdfcU);
    BOOST_TEST(read.code == 0xfefd);
    BOOST_TEST(read.facts == 0x83);
    BOOST_TEST(read.trace_id == written.trace_id);
    BOOST_TEST(read.idempotency_key == "key");
    BOOST_CHECK(read.content_type == content_type::json);
    BOOST_TEST(read.last_call.value() == 0U);
    BOOST_TEST(read.credit.value() == 0x80000000U);
    BOOST_TEST(read.streams == 3);
}

BOOST_AUTO_TEST_SUITE_END()

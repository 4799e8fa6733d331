#include "protocol/assembler.hpp"
#include "support/vectors.hpp"
#include "wire/utf8.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

using namespace echosocket;
using namespace echosocket::protocol;
using namespace echosocket::wire;
using namespace echosocket::test;

namespace {

void check_meta(std::string_view records, const meta& expected) {
    meta m;
    BOOST_REQUIRE(parse_meta(records, m));
    BOOST_TEST(m.name == expected.name);
    BOOST_TEST((m.deadline_ms == expected.deadline_ms));
    BOOST_TEST(m.code == expected.code);
    BOOST_TEST(m.facts == expected.facts);
    BOOST_TEST(m.trace_id == expected.trace_id);
    BOOST_TEST(m.idempotency_key == expected.idempotency_key);
    BOOST_CHECK(m.content_type == expected.content_type);
    BOOST_TEST((m.last_call == expected.last_call));
    BOOST_TEST((m.credit == expected.credit));
    BOOST_TEST(m.streams == expected.streams);
}

void check_hello(const frame& f, const hello& expected) {
    hello h;
    const auto check = parse_hello(f, h);
    BOOST_TEST(check.detail == "");
    BOOST_TEST(h.major == expected.major);
    BOOST_TEST(h.minor == expected.minor);
    BOOST_TEST(h.name == expected.name);
    BOOST_TEST(h.software == expected.software);
    BOOST_TEST(h.max_frame == expected.max_frame);
    BOOST_TEST(h.max_message == expected.max_message);
    BOOST_TEST(h.max_calls == expected.max_calls);
    BOOST_TEST(h.stream_credit == expected.stream_credit);
    BOOST_TEST((h.notify_credit == expected.notify_credit));
}

void check_frame(const frame& f, const described_frame& expected) {
    BOOST_TEST(name_of(f.kind) == name_of(expected.kind));
    BOOST_TEST(static_cast<int>(f.kind) == static_cast<int>(expected.kind));
    BOOST_TEST(f.flags == expected.flags);
    BOOST_TEST(f.id == expected.id);
    if (expected.hello) {
        check_hello(f, *expected.hello);
    } else {
        // A continuation's meta is ignored, whatever the document shows there.
        check_meta(f.meta, expected.meta());
        BOOST_TEST(f.body == expected.body);
    }
}

/// A prefix of a valid frame is incomplete, and says how many bytes are needed.
void check_incomplete(std::string_view part, std::size_t whole, const frame_limits& limits) {
    const auto head = parse_frame(part, limits);
    BOOST_TEST_REQUIRE((head.status == parse_status::incomplete));
    BOOST_TEST(head.size > part.size());
    BOOST_TEST(head.size <= whole);
    if (part.size() >= header_size) BOOST_TEST(head.size == whole);
}

template <class Select, class Check>
void for_each_vector(Select select, Check check) {
    std::size_t checked = 0;
    for (const auto& v : protocol_vectors()) {
        if (!select(v)) continue;
        BOOST_TEST_CONTEXT("vector " << v.name) check(v);
        ++checked;
    }
    BOOST_TEST(checked > 0U);
}

bool is_good(const test_vector& v) {
    return v.is_good();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(protocol_vectors)

BOOST_AUTO_TEST_CASE(the_document_has_a_vector_of_every_kind) {
    std::set<frame_kind> kinds;
    std::set<std::string> names;
    for (const auto& v : echosocket::test::protocol_vectors()) {
        BOOST_TEST(names.insert(v.name).second, v.name << " is there twice");
        if (v.is_good()) kinds.insert(v.frames.front().kind);
    }
    for (std::uint8_t kind = 1; is_known(static_cast<frame_kind>(kind)); ++kind)
        BOOST_TEST(kinds.contains(static_cast<frame_kind>(kind)), name_of(static_cast<frame_kind>(kind)));
}

BOOST_AUTO_TEST_CASE(the_decoder_reads_what_the_document_says) {
    for_each_vector(is_good, [](const test_vector& v) {
        std::string_view bytes = v.bytes;
        for (const auto& expected : v.frames) {
            const auto head = parse_frame(bytes, v.limits);
            BOOST_REQUIRE((head.status == parse_status::complete));
            BOOST_TEST(head.size == expected.bytes.size());
            check_frame(head.frame, expected);
            BOOST_TEST(fault_of(head.frame) == "");
            bytes.remove_prefix(head.size);
        }
        BOOST_TEST(bytes.empty());
    });
}

BOOST_AUTO_TEST_CASE(the_encoder_writes_what_the_document_says) {
    for_each_vector([](const test_vector& v) { return v.is_good() && !v.decode_only; },
                    [](const test_vector& v) {
                        for (const auto& f : v.frames) BOOST_TEST(hex_of(f.encoded()) == hex_of(f.bytes));
                    });
}

BOOST_AUTO_TEST_CASE(a_frame_cut_at_any_byte_is_incomplete) {
    for_each_vector(is_good, [](const test_vector& v) {
        for (const auto& f : v.frames)
            for (std::size_t size = 0; size < f.bytes.size(); ++size)
                check_incomplete(std::string_view(f.bytes).substr(0, size), f.bytes.size(), v.limits);
    });
}

BOOST_AUTO_TEST_CASE(a_hello_is_one_from_its_first_byte_on) {
    for_each_vector([](const test_vector& v) { return v.is_good() && v.frames.front().hello; },
                    [](const test_vector& v) {
                        for (std::size_t size = 0; size <= v.bytes.size(); ++size) {
                            const auto part = std::string_view(v.bytes).substr(0, size);
                            BOOST_TEST(check_hello_start(part).detail == "");
                            BOOST_TEST(check_answer_start(part).detail == "");
                        }
                    });
}

BOOST_AUTO_TEST_CASE(split_bodies_come_to_the_whole) {
    for_each_vector([](const test_vector& v) { return !v.joined.empty() || v.too_large; },
                    [](const test_vector& v) {
                        assembler assembler(v.limits.max_skip);
                        std::vector<std::string> joined;
                        bool too_large = false;
                        std::string_view bytes = v.bytes;
                        while (!bytes.empty()) {
                            const auto head = parse_frame(bytes, v.limits);
                            BOOST_REQUIRE((head.status == parse_status::complete));
                            BOOST_TEST(assembler.concerns(head.frame));
                            const auto outcome = assembler.add(head.frame);
                            too_large |= outcome == assembler::outcome::too_large;
                            if (outcome == assembler::outcome::complete) {
                                const auto& message = assembler.message();
                                joined.emplace_back(message.body);
                                const auto same_id = [&message](const auto& f) { return f.id == message.id; };
                                check_meta(message.meta, std::ranges::find_if(v.frames, same_id)->meta());
                            }
                            bytes.remove_prefix(head.size);
                        }
                        BOOST_TEST(joined == v.joined, boost::test_tools::per_element());
                        BOOST_TEST(too_large == v.too_large);
                        BOOST_TEST(assembler.empty());
                    });
}

BOOST_AUTO_TEST_CASE(invalid_frames_are_judged_as_soon_as_their_bytes_tell) {
    for_each_vector([](const test_vector& v) { return v.invalid.has_value(); },
                    [](const test_vector& v) {
                        for (std::size_t size = 0; size <= v.bytes.size(); ++size) {
                            const auto head = parse_frame(std::string_view(v.bytes).substr(0, size), v.limits);
                            BOOST_TEST_CONTEXT("of its bytes " << size) {
                                const bool known = size >= v.invalid->after;
                                BOOST_TEST((head.status == (known ? parse_status::invalid : parse_status::incomplete)));
                                BOOST_TEST(name_of(head.error) == name_of(known ? v.invalid->reason : errc{}));
                                BOOST_TEST(head.detail.empty() != known);
                                if (!known) BOOST_TEST(head.size > size);
                            }
                        }
                    });
}

BOOST_AUTO_TEST_CASE(foreign_protocols_are_judged_as_soon_as_their_bytes_tell) {
    for_each_vector([](const test_vector& v) { return v.foreign.has_value(); },
                    [](const test_vector& v) {
                        for (std::size_t size = 0; size <= v.bytes.size(); ++size) {
                            const auto check = check_hello_start(std::string_view(v.bytes).substr(0, size));
                            BOOST_TEST_CONTEXT("of its bytes " << size) {
                                BOOST_TEST((check.error == errc::not_echosocket) == (size >= v.foreign->after));
                                BOOST_TEST((check.error == errc{}) == check.detail.empty());
                            }
                        }
                    });
}

BOOST_AUTO_TEST_CASE(broken_contents_are_rejected_for_the_reason_named) {
    // What breaks the rules of a stream is seen by the engine alone: engine_vectors.
    const auto is_of_a_stream = [](const test_vector& v) {
        return v.stream_credit || v.rejected == errc::message_too_large;
    };
    for_each_vector([&](const test_vector& v) { return v.rejected && !is_of_a_stream(v); },
                    [](const test_vector& v) {
                        const auto head = parse_frame(v.bytes, v.limits);
                        BOOST_REQUIRE((head.status == parse_status::complete));
                        errc reason{};
                        meta m;
                        if (hello h; head.frame.kind == frame_kind::hello) {
                            reason = parse_hello(head.frame, h).error;
                        } else if (!fault_of(head.frame).empty()) {
                            reason = errc::protocol_error;
                        } else if (!parse_meta(head.frame.meta, m) || !is_valid_name(m.name)) {
                            reason = errc::bad_request;
                        }
                        BOOST_TEST(name_of(reason) == name_of(*v.rejected));
                    });
}

BOOST_AUTO_TEST_CASE(a_frame_above_max_frame_is_to_be_skipped_once_its_header_is_there) {
    for_each_vector([](const test_vector& v) { return v.oversized.has_value(); },
                    [](const test_vector& v) {
                        BOOST_TEST(v.bytes.size() == v.oversized->size);
                        for (std::size_t size = 0; size <= v.bytes.size(); ++size) {
                            const auto part = std::string_view(v.bytes).substr(0, size);
                            if (size < header_size) {
                                check_incomplete(part, header_size, v.limits);
                                continue;
                            }
                            const auto head = parse_frame(part, v.limits);
                            BOOST_TEST((head.status == parse_status::oversized));
                            BOOST_TEST((head.frame.kind == v.oversized->kind));
                            BOOST_TEST(head.frame.id == v.oversized->id);
                            BOOST_TEST(head.size == v.oversized->size);
                        }
                    });
}

BOOST_AUTO_TEST_CASE(the_document_lists_every_error_code_as_the_code_does) {
    const auto document = read_source("docs/protocol.md");
    for (std::uint16_t code = 1; code <= 36; ++code) {
        const auto name = name_of(static_cast<errc>(code));
        if (name == "unknown") continue;
        const auto row = document.find("\n| " + std::to_string(code) + " | `" + std::string(name) + "` |");
        BOOST_REQUIRE_MESSAGE(row != std::string::npos, name << " is not listed");
        const auto line = document.substr(row + 1, document.find('\n', row + 1) - row - 1);
        BOOST_TEST(line.ends_with(is_retryable(static_cast<errc>(code)) ? "| yes |" : "| no |"), line);
    }
}

BOOST_AUTO_TEST_SUITE_END()

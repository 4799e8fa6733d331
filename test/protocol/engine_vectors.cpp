// Every vector of docs/protocol.md, as an engine hears it.
#include "support/engine_end.hpp"
#include "support/raw_frames.hpp"
#include "support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <string_view>

using namespace echosocket;
using namespace echosocket::test;
using protocol::role;
using wire::frame_kind;

namespace {

/// An end that the vector may come to: the one whose calls, or whose peer's calls, have the ids of its frames.
class listener : public engine_end {
public:
    listener(const test_vector& v, role r)
        : engine_end(r, {.limits = {.max_message = v.limits.max_skip,
                                    .max_frame = v.limits.max_frame,
                                    .stream_credit = v.stream_credit.value_or(wire::hello().stream_credit)}}) {
        keeps_all = true;
        ignores_cancels = true;
        if (is_greeting(v)) {
            begin();
        } else {
            open();
            // What answers and frames of streams are about has to run.
            for (int i = 0; i < 20; ++i) (void)stream_call("called", 3);
        }
        forget();
    }
    static bool is_greeting(const test_vector& v) {
        return v.foreign || (!v.frames.empty() && v.frames.front().kind == frame_kind::hello);
    }
    /// All that can be told of it.
    std::string story() { return events() + " | " + says() + " | " + reason(); }
};

role role_for(const test_vector& v) {
    const bool is_request = !v.frames.empty() && v.frames.front().kind == frame_kind::request;
    if (v.oversized && v.oversized->kind == frame_kind::request) return role::server;
    if (listener::is_greeting(v)) return role::server;
    return is_request && v.frames.front().id % 2 == 1 ? role::server : role::client;
}

std::string story_of(const test_vector& v, std::size_t first_part) {
    listener end(v, role_for(v));
    const std::string_view bytes = v.bytes;
    end.hear(bytes.substr(0, first_part));
    end.hear(bytes.substr(first_part));
    return end.story();
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

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_vectors)

BOOST_AUTO_TEST_CASE(a_vector_cut_at_any_byte_comes_to_the_same_as_the_whole) {
    for_each_vector([](const test_vector&) { return true; },
                    [](const test_vector& v) {
                        const auto whole = story_of(v, v.bytes.size());
                        for (std::size_t cut = 0; cut < v.bytes.size(); ++cut) BOOST_TEST(story_of(v, cut) == whole);
                        listener end(v, role_for(v));
                        end.hear(v.bytes, 1);
                        BOOST_TEST(end.story() == whole);
                    });
}

BOOST_AUTO_TEST_CASE(a_valid_vector_does_not_end_the_connection) {
    const auto is_about_the_end = [](const test_vector& v) {
        const auto& f = v.frames.front();
        return (f.kind == frame_kind::error && f.id == 0) ||
               (!wire::is_known(f.kind) && (f.flags & raw::ignorable) == 0);
    };
    for_each_vector([&](const test_vector& v) { return v.is_good() && !is_about_the_end(v); },
                    [](const test_vector& v) {
                        listener end(v, role_for(v));
                        end.hear(v.bytes);
                        BOOST_TEST(end.reason() == "none");
                        BOOST_TEST(end.engine.is_between_frames());
                    });
}

BOOST_AUTO_TEST_CASE(bodies_of_split_vectors_arrive_joined) {
    for_each_vector([](const test_vector& v) { return !v.joined.empty(); },
                    [](const test_vector& v) {
                        listener end(v, role_for(v));
                        end.hear(v.bytes);
                        const auto told = end.events();
                        for (const auto& body : v.joined) BOOST_TEST(told.find('"' + body + '"') != std::string::npos);
                    });
}

BOOST_AUTO_TEST_CASE(a_vector_that_is_too_large_is_answered_and_the_connection_goes_on) {
    for_each_vector([](const test_vector& v) { return v.too_large || v.oversized; },
                    [](const test_vector& v) {
                        listener end(v, role_for(v));
                        end.hear(v.bytes);
                        BOOST_TEST(end.reason() == "none");
                        const bool is_request = v.too_large || v.oversized->kind == frame_kind::request;
                        BOOST_TEST(end.says().ends_with("message_too_large") == is_request);
                    });
}

BOOST_AUTO_TEST_CASE(an_invalid_vector_ends_the_connection_as_soon_as_its_bytes_tell) {
    for_each_vector([](const test_vector& v) { return v.invalid.has_value(); },
                    [](const test_vector& v) {
                        for (std::size_t size = 1; size <= v.bytes.size(); ++size) {
                            listener end(v, role_for(v));
                            end.hear(std::string_view(v.bytes).substr(0, size));
                            const bool known = size >= v.invalid->after;
                            BOOST_TEST(end.reason() == (known ? name_of(v.invalid->reason) : "none"));
                            if (known) BOOST_TEST(end.says() == "ERROR 0 " + end.reason());
                        }
                    });
}

BOOST_AUTO_TEST_CASE(a_foreign_vector_ends_the_connection_in_silence_as_soon_as_its_bytes_tell) {
    for_each_vector([](const test_vector& v) { return v.foreign.has_value(); },
                    [](const test_vector& v) {
                        for (std::size_t size = 1; size <= v.bytes.size(); ++size) {
                            listener end(v, role::server);
                            end.hear(std::string_view(v.bytes).substr(0, size));
                            BOOST_TEST(end.reason() == (size >= v.foreign->after ? "not_echosocket" : "none"));
                            BOOST_TEST(end.says() == "");
                        }
                    });
}

BOOST_AUTO_TEST_CASE(a_rejected_vector_ends_the_connection_or_its_call_once_it_is_complete) {
    for_each_vector(
        [](const test_vector& v) { return v.rejected.has_value(); },
        [](const test_vector& v) {
            listener end(v, role_for(v));
            const std::string_view bytes = v.bytes;
            end.hear(bytes.substr(0, bytes.size() - 1));
            BOOST_TEST(end.reason() == "none");
            BOOST_TEST(end.says() == "");
            end.hear(bytes.substr(bytes.size() - 1));
            const bool ends_call = *v.rejected == errc::bad_request || *v.rejected == errc::message_too_large;
            BOOST_TEST(end.reason() == (ends_call ? "none" : name_of(*v.rejected)));
            BOOST_TEST(end.says() == (ends_call ? "ERROR 1 " : "ERROR 0 ") + std::string(name_of(*v.rejected)));
        });
}

BOOST_AUTO_TEST_SUITE_END()

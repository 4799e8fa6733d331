#include "protocol/assembler.hpp"
#include "support/vectors.hpp"
#include "wire/hello.hpp"
#include "wire/meta.hpp"
#include "wire/utf8.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace echosocket;
using namespace echosocket::protocol;
using namespace echosocket::wire;

namespace {

constexpr frame_limits limits{.max_frame = 256, .max_skip = 1024};

/// A heap copy of exactly that size, so that AddressSanitizer detects reading one byte too far.
class exact_copy {
public:
    explicit exact_copy(std::string_view bytes) : bytes_(new char[bytes.size()]), size_(bytes.size()) {
        std::ranges::copy(bytes, bytes_.get());
    }
    [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

private:
    std::unique_ptr<char[]> bytes_;
    std::size_t size_;
};

bool lies_within(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_contents(const frame& f) {
    meta m;
    if (parse_meta(f.meta, m)) {
        BOOST_REQUIRE(lies_within(m.name, f.meta) && lies_within(m.trace_id, f.meta));
        std::string again(meta_size(m), '\0');
        write_meta(again.data(), m);
        BOOST_REQUIRE(again.size() <= f.meta.size() + 6);  // an empty opaque record may be dropped, none is added
    }
    hello h;
    if (parse_hello(f, h).error == errc{}) BOOST_REQUIRE(is_valid_name(h.name));
    BOOST_REQUIRE(is_utf8(printable(f.body)));
    static_cast<void>(fault_of(f));
}

/// Checks what must hold for any bytes. Returns the status they were parsed to.
parse_status check_any(std::string_view any) {
    const exact_copy copy(any);
    const auto bytes = copy.view();
    const auto head = parse_frame(bytes, limits);
    switch (head.status) {
        case parse_status::complete:
            BOOST_REQUIRE(head.size <= bytes.size());
            BOOST_REQUIRE(head.size == header_size + head.frame.meta.size() + head.frame.body.size());
            BOOST_REQUIRE(head.frame.body.size() <= limits.max_frame && head.frame.meta.size() <= max_meta);
            BOOST_REQUIRE(lies_within(head.frame.body, bytes) && lies_within(head.frame.meta, bytes));
            check_contents(head.frame);
            break;
        case parse_status::incomplete:
            BOOST_REQUIRE(head.size > bytes.size());
            BOOST_REQUIRE(head.size <= header_size + max_meta + limits.max_frame);
            break;
        case parse_status::oversized:
            BOOST_REQUIRE(head.size > header_size + limits.max_frame);
            BOOST_REQUIRE(head.size <= header_size + max_meta + limits.max_skip);
            break;
        case parse_status::invalid:
            BOOST_REQUIRE(!head.detail.empty());
            BOOST_REQUIRE((head.error == errc::protocol_error || head.error == errc::frame_too_large));
            break;
    }
    const bool foreign = check_hello_start(bytes).error != errc{};
    // Once bytes are rejected as a HELLO, further bytes do not change that.
    if (!foreign && !bytes.empty())
        BOOST_REQUIRE((check_hello_start(bytes.substr(0, bytes.size() - 1)).error == errc{}));
    static_cast<void>(check_answer_start(bytes));
    return head.status;
}

using tally = std::map<parse_status, int>;

/// Noise of only one kind would prove nothing.
void check_variety(tally& seen) {
    for (const auto status :
         {parse_status::complete, parse_status::incomplete, parse_status::oversized, parse_status::invalid})
        BOOST_TEST(seen[status] > 100);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(random_bytes)

BOOST_AUTO_TEST_CASE(noise_is_never_read_beyond_its_end) {
    std::mt19937 random(20240901);
    tally seen;
    for (int round = 0; round < 50'000; ++round) {
        std::string bytes(random() % 64, '\0');
        for (auto& byte : bytes) byte = static_cast<char>(random());
        // Mostly valid lengths and meta sizes, or nearly all noise would end at its header.
        if (bytes.size() >= header_size && round % 8 != 0) {
            const std::uint32_t most = round % 4 == 0 ? 2048 : 64;
            store(bytes.data(), static_cast<std::uint32_t>(random() % most));
            store(bytes.data() + 6, static_cast<std::uint16_t>(random() % 24));
        }
        ++seen[check_any(bytes)];
    }
    check_variety(seen);
}

BOOST_AUTO_TEST_CASE(vectors_with_some_bytes_changed_are_never_read_beyond_their_end) {
    std::mt19937 random(20240902);
    tally seen;
    for (int round = 0; round < 500; ++round) {
        for (const auto& v : test::protocol_vectors()) {
            auto bytes = v.bytes.substr(0, random() % (v.bytes.size() + 1));
            for (auto changes = random() % 4; changes > 0 && !bytes.empty(); --changes)
                bytes[random() % bytes.size()] = static_cast<char>(random());
            if (bytes.size() > 1 && random() % 8 == 0) bytes[1] = '\2';  // slightly above max_frame
            ++seen[check_any(bytes)];
        }
    }
    check_variety(seen);
}

BOOST_AUTO_TEST_CASE(random_frames_are_joined_within_the_bounds) {
    std::mt19937 random(20240903);
    constexpr std::size_t max_message = 100;
    assembler assembler(max_message);
    std::size_t completed = 0;
    const std::string bytes(200, 'x');
    for (int round = 0; round < 100'000; ++round) {
        const frame f{.kind = static_cast<frame_kind>(2 + random() % 2),
                      .flags = random() % 3 == 0 ? std::uint8_t{0} : flag_more,
                      .id = static_cast<std::uint32_t>(random() % 5),
                      .body = std::string_view(bytes).substr(0, random() % 60)};
        const auto what = random() % 16;
        if (what == 0) {
            static_cast<void>(assembler.abandon(f.kind, f.id));
        } else if (what == 1) {
            static_cast<void>(assembler.add_oversized(f));
        } else if (assembler.concerns(f) && assembler.add(f) == assembler::outcome::complete) {
            BOOST_REQUIRE(assembler.message().body.size() <= max_message);
            ++completed;
        }
        BOOST_REQUIRE(assembler.unfinished_bytes() <= max_message * max_unfinished_bodies);
        if (assembler.empty()) BOOST_REQUIRE(assembler.unfinished_bytes() == 0U);
    }
    BOOST_TEST(completed > 1000U);
}

BOOST_AUTO_TEST_SUITE_END()

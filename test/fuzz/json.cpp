// JSON of a stranger: what can be read is written, read again and written once more as the same text, as a tree and as
// values of a program; what can't be read is refused with a text that is safe to show.
#include <echosocket/codec.hpp>

#include "input.hpp"
#include "wire/utf8.hpp"

#include <boost/describe.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace echosocket;
using echosocket::fuzz::require;

enum class colour { red, green };
BOOST_DESCRIBE_ENUM(colour, red, green)

struct part {
    std::string name;
    std::optional<double> price;
    std::vector<part> parts;
};
BOOST_DESCRIBE_STRUCT(part, (), (name, price, parts))

struct whole {
    bool is_new = false;
    std::int8_t small = 0;
    std::uint64_t large = 0;
    float ratio = 0;
    colour paint{};
    std::vector<std::byte> blob;
    std::map<std::string, int> counts;
    std::map<std::int16_t, std::string> names;
    std::tuple<int, std::string> pair;
    std::optional<part> of;
};
BOOST_DESCRIBE_STRUCT(whole, (), (is_new, small, large, ratio, paint, blob, counts, names, pair, of))

template <class T>
void read_and_write(std::string_view text) {
    const auto first = decode_reply<T>(std::string(text));
    if (!first) {
        const auto& why = first.error();
        require(why.code == errc::bad_reply && !why.detail.empty(), "a refusal says why");
        require(wire::printable(why.detail, why.detail.size()) == why.detail, "a refusal is safe to show");
        return;
    }
    const auto written = encode_arguments(*first);
    const auto second = decode_reply<T>(std::string(written.bytes));
    require(second.has_value(), "what was written can be read");
    require(encode_arguments(*second).bytes == written.bytes, "and is the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::input in(std::string_view(reinterpret_cast<const char*>(data), size));
    const auto kind = in.below(8);
    const auto text = in.bytes(size);
    switch (kind) {
        case 0:
            read_and_write<std::vector<double>>(text);
            break;
        case 1:
            read_and_write<std::map<std::string, std::vector<std::int64_t>>>(text);
            break;
        case 2:
            read_and_write<part>(text);
            break;
        case 3:
        case 4:
            read_and_write<whole>(text);
            break;
        case 5:
            read_and_write<std::pair<float, colour>>(text);
            break;
        default:
            read_and_write<boost::json::value>(text);
    }
    return 0;
}

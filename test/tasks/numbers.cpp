// Numbers come back as they were sent: the same bits, not nearly the same.
#include <echosocket/codec.hpp>

#include <boost/test/unit_test.hpp>

#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace es = echosocket;
using es::decode_reply;
using es::encode_arguments;

namespace {

#ifdef NDEBUG
constexpr int patterns = 10'000'000;
#else
constexpr int patterns = 200'000;  // without optimisation all of them take minutes
#endif

template <std::floating_point T>
using bits_of = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

template <std::floating_point T>
bool same_bits(T a, T b) {
    return std::bit_cast<bits_of<T>>(a) == std::bit_cast<bits_of<T>>(b);
}

template <class T>
std::optional<T> read(std::string text) {
    const auto value = decode_reply<T>(std::move(text));
    return value ? std::optional<T>(*value) : std::nullopt;
}

template <std::floating_point T>
void check_exact(T number) {
    const auto text = encode_arguments(number).bytes;
    const auto back = read<T>(text);
    BOOST_TEST((back && same_bits(*back, number)), text << " came back as " << (back ? *back : T(NAN)));
    const auto value = read<boost::json::value>(text);
    BOOST_TEST((value && same_bits(value->template to_number<T>(), number)), text << " changed in a json::value");
}

/// Finite numbers of all sizes alike, because each pattern of bits is as likely as another.
template <std::floating_point T>
class any_bits {
public:
    T operator()() {
        T number = NAN;
        while (!std::isfinite(number)) number = std::bit_cast<T>(static_cast<bits_of<T>>(random_()));
        return number;
    }

private:
    std::mt19937_64 random_{20260708};
};

/// The first number that did not come back, as text; empty if all did.
template <std::floating_point T, class Next, class RoundTrip>
std::string first_changed(int count, Next next, RoundTrip round_trip) {
    for (; count > 0; --count) {
        const T number = next();
        const std::optional<T> back = round_trip(number);
        if (!back || !same_bits(*back, number)) return encode_arguments(number).bytes;
    }
    return {};
}

template <std::floating_point T>
std::optional<T> round_trip(T number) {
    return read<T>(encode_arguments(number).bytes);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(numbers)

BOOST_AUTO_TEST_CASE(every_double_comes_back_bit_by_bit) {
    BOOST_TEST(first_changed<double>(patterns, any_bits<double>(), round_trip<double>) == "");
}

BOOST_AUTO_TEST_CASE(every_float_comes_back_bit_by_bit) {
    BOOST_TEST(first_changed<float>(patterns, any_bits<float>(), round_trip<float>) == "");
}

BOOST_AUTO_TEST_CASE(ordinary_prices_come_back_bit_by_bit) {
    std::mt19937_64 random(1);
    std::uniform_real_distribution<double> price(0, 1000);
    BOOST_TEST(first_changed<double>(
                   patterns / 10, [&] { return price(random); }, round_trip<double>) == "");
    check_exact(946.3732872479507);
}

BOOST_AUTO_TEST_CASE(a_json_value_keeps_every_double) {
    const auto by_value = [](double number) -> std::optional<double> {
        const auto back = read<boost::json::value>(encode_arguments(boost::json::value(number)).bytes);
        return back ? std::optional(back->to_number<double>()) : std::nullopt;
    };
    BOOST_TEST(first_changed<double>(patterns / 10, any_bits<double>(), by_value) == "");
}

BOOST_AUTO_TEST_CASE(the_ends_of_the_ranges_come_back) {
    using of_double = std::numeric_limits<double>;
    using of_float = std::numeric_limits<float>;
    for (const double number :
         {0.0, of_double::max(), of_double::min(), of_double::denorm_min(), of_double::epsilon(),
          0x1.fffffffffffffp-1023, 0x1p53 + 2, 0x1p63, 0x1p64, 1e22, 1e23, 5e-324, 2.2250738585072011e-308}) {
        check_exact(number);
        check_exact(-number);
    }
    for (const float number : {0.0F, of_float::max(), of_float::min(), of_float::denorm_min(), of_float::epsilon(),
                               0x1.fffffcp-127F, 0x1.5c87fap-84F, 16'777'216.0F, 8.5e9F, 1e10F}) {
        check_exact(number);
        check_exact(-number);
    }
    BOOST_CHECK(read<long double>(encode_arguments(0.1L).bytes) == std::optional<long double>(0.1));
}

BOOST_AUTO_TEST_CASE(a_zero_keeps_its_sign) {
    BOOST_TEST(encode_arguments(-0.0).bytes == "-0");
    for (const auto* text : {"-0", "-0.0", "-0e5", "[-0]"}) {
        const auto list = read<std::vector<double>>(text[0] == '[' ? text : '[' + std::string(text) + ']');
        BOOST_REQUIRE(list);
        BOOST_TEST((list->front() == 0 && std::signbit(list->front())), text);
    }
    BOOST_TEST(!std::signbit(read<double>("0").value()));
    BOOST_CHECK(read<int>("-0") == std::optional(0));
    BOOST_CHECK(read<unsigned>("-0") == std::optional(0U));
    BOOST_TEST(encode_arguments(read<boost::json::value>("[-0,0]").value()).bytes == "[-0,0]");
}

BOOST_AUTO_TEST_CASE(a_number_is_rounded_once_to_the_nearest) {
    // Halfway between two doubles, then a little more than that, far behind the digits that count.
    BOOST_CHECK(read<double>("9007199254740993.0") == std::optional(9007199254740992.0));
    BOOST_CHECK(read<double>("9007199254740993." + std::string(800, '0') + "1") == std::optional(9007199254740994.0));
    BOOST_CHECK(read<double>("0.3e1") == std::optional(3.0));
    BOOST_CHECK(read<int>("123456.789e3") == std::optional(123456789));
    BOOST_CHECK(read<double>("0e400") == std::optional(0.0));
}

BOOST_AUTO_TEST_CASE(what_is_too_small_is_zero_and_what_is_too_large_is_refused) {
    BOOST_CHECK(read<double>("1e-400") == std::optional(0.0));
    BOOST_TEST(std::signbit(read<double>("-1e-400").value()));
    BOOST_CHECK(read<double>("2.4e-324") == std::optional(0.0));
    BOOST_CHECK(read<double>("1.7976931348623158e308") == std::optional(std::numeric_limits<double>::max()));
    for (const auto* text : {"1.7976931348623159e308", "-1.7976931348623159e308", "1e400", "-1e400"})
        BOOST_TEST(!read<double>(text), text);
    // Half a step above the largest float.
    BOOST_CHECK(read<float>("3.4028235677973362e38") == std::optional(std::numeric_limits<float>::max()));
    for (const auto* text : {"3.4028235677973367e38", "-3.4028235677973367e38", "1e300", "1e400"})
        BOOST_TEST(!read<float>(text), text);
    BOOST_CHECK(read<float>("1e-46") == std::optional(0.0F));
}

BOOST_AUTO_TEST_SUITE_END()

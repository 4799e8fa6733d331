// Values through the codec and back.
#pragma once

#include <echosocket/codec.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

namespace echosocket::test {

template <class T>
void check_round_trip(const T& value) {
    const auto read = decode_reply<T>(std::string(encode_arguments(value).bytes));
    BOOST_REQUIRE_MESSAGE(read, (read ? "" : read.error().message()));
    BOOST_CHECK(*read == value);
}

}  // namespace echosocket::test

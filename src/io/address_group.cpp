#include "io/address_group.hpp"

#include "seeded_hash.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstring>
#include <span>

namespace echosocket::net {

namespace {

using bytes = std::span<const std::uint8_t>;

std::uint64_t big_endian(bytes from) noexcept {
    std::uint64_t number = 0;
    for (const auto byte : from) number = number << 8 | byte;
    return number;
}

/// A text as `inet_pton` wants it; empty if it is too long for an address.
std::array<char, INET6_ADDRSTRLEN> terminated(std::string_view text) noexcept {
    std::array<char, INET6_ADDRSTRLEN> copy{};
    if (text.size() < copy.size()) std::memcpy(copy.data(), text.data(), text.size());
    return copy;
}

address_group group_of_v4(bytes address) noexcept {
    return {address_group::kind::v4, address[0] == 127, big_endian(address)};
}

address_group group_of_v6(bytes address) noexcept {
    static constexpr std::uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (std::memcmp(address.data(), mapped, sizeof mapped) == 0) return group_of_v4(address.subspan(sizeof mapped));
    const auto prefix = big_endian(address.first(8));
    return {address_group::kind::v6, prefix == 0 && big_endian(address.last(8)) == 1, prefix};
}

}  // namespace

address_group group_of(std::string_view address) noexcept {
    const auto colon = address.rfind(':');
    if (colon == std::string_view::npos) return {};
    auto host = address.substr(0, colon);
    std::array<std::uint8_t, sizeof(in6_addr)> number{};
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
        host = host.substr(0, host.find('%'));  // without the name of an interface
        const bool is_v6 = ::inet_pton(AF_INET6, terminated(host).data(), number.data()) == 1;
        return is_v6 ? group_of_v6(number) : address_group();
    }
    const bool is_v4 = ::inet_pton(AF_INET, terminated(host).data(), number.data()) == 1;
    return is_v4 ? group_of_v4(bytes(number).first(sizeof(in_addr))) : address_group();
}

std::size_t address_group::hash::operator()(const address_group& of) const noexcept {
    std::array<char, sizeof of.prefix + 1> text{};
    std::memcpy(text.data(), &of.prefix, sizeof of.prefix);
    text.back() = static_cast<char>(of.what);
    return seeded_hash()({text.data(), text.size()});
}

}  // namespace echosocket::net

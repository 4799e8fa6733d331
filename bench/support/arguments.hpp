// Arguments of the benchmark's programs: only `--name value`.
#pragma once

#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>

namespace echosocket::bench {

class arguments {
public:
    arguments(int count, char** values) {
        for (int i = 1; i < count; i += 2) {
            const std::string name = values[i];
            if (!name.starts_with("--") || i + 1 == count)
                throw std::invalid_argument("expected --name value, got " + name);
            given_[name.substr(2)] = values[i + 1];
        }
    }

    [[nodiscard]] std::string text(const std::string& name) const {
        const auto found = given_.find(name);
        if (found == given_.end()) throw std::invalid_argument("--" + name + " is missing");
        return found->second;
    }
    [[nodiscard]] std::string text(const std::string& name, const std::string& otherwise) const {
        const auto found = given_.find(name);
        return found == given_.end() ? otherwise : found->second;
    }
    [[nodiscard]] std::size_t number(const std::string& name, std::size_t otherwise) const {
        const auto found = given_.find(name);
        return found == given_.end() ? otherwise : std::stoul(found->second);
    }

private:
    std::map<std::string, std::string> given_;
};

}  // namespace echosocket::bench

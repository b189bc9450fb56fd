package example;

import java.util.Map;
import java.util.TreeMap;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.annotation.RegisteredOAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.server.resource.introspection.OpaqueTokenIntrospector;
import org.springframework.security.oauth2.server.resource.introspection.SpringOpaqueTokenIntrospector;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.springframework.security.config.Customizer.withDefaults;

/** A website that leaves signing in to Spring Security, and three APIs, each with another way to check a token. */
@SpringBootApplication
@RestController
public class Application {
    @Value("${writ.issuer}")
    private String issuer;

    @Value("${writ.audience}")
    private String audience;

    public static void main(String[] args) {
        SpringApplication.run(Application.class, args);
    }

    /** Verifies by what discovery says, with everything at its default. */
    @Bean
    @Order(1)
    SecurityFilterChain plain(HttpSecurity http) throws Exception {
        JwtDecoder decoder = NimbusJwtDecoder.withIssuerLocation(issuer).build();
        return api(http, "/plain").oauth2ResourceServer(api -> api.jwt(jwt -> jwt.decoder(decoder))).build();
    }

    /** Verifies access tokens as RFC 9068 has them. */
    @Bean
    @Order(2)
    SecurityFilterChain typed(HttpSecurity http, @Value("${writ.caller}") String caller) throws Exception {
        NimbusJwtDecoder decoder = NimbusJwtDecoder.withIssuerLocation(issuer).validateType(false).build();
        decoder.setJwtValidator(
                JwtValidators.createAtJwtValidator().issuer(issuer).audience(audience).clientId(caller).build());
        return api(http, "/typed").oauth2ResourceServer(api -> api.jwt(jwt -> jwt.decoder(decoder))).build();
    }

    /** Asks the server. */
    @Bean
    @Order(3)
    SecurityFilterChain opaque(HttpSecurity http, @Value("${writ.api.id}") String id,
            @Value("${writ.api.secret}") String secret) throws Exception {
        OpaqueTokenIntrospector introspector = SpringOpaqueTokenIntrospector
                .withIntrospectionUri(issuer + "/oauth2/introspect").clientId(id).clientSecret(secret).build();
        return api(http, "/opaque")
                .oauth2ResourceServer(api -> api.opaqueToken(token -> token.introspector(introspector))).build();
    }

    private static HttpSecurity api(HttpSecurity http, String path) throws Exception {
        return http.securityMatcher(path)
                .authorizeHttpRequests(requests -> requests.anyRequest().hasAuthority("SCOPE_read"));
    }

    @Bean
    @Order(4)
    SecurityFilterChain website(HttpSecurity http, ClientRegistrationRepository clients) throws Exception {
        OidcClientInitiatedLogoutSuccessHandler logout = new OidcClientInitiatedLogoutSuccessHandler(clients);
        logout.setPostLogoutRedirectUri("{baseUrl}/bye");
        return http
                .authorizeHttpRequests(requests -> requests.requestMatchers("/bye", "/error").permitAll()
                        .anyRequest().authenticated())
                .oauth2Login(withDefaults()).oauth2Client(withDefaults())
                .logout(leave -> leave.logoutSuccessHandler(logout)).build();
    }

    @GetMapping("/me")
    Map<String, Object> me(@AuthenticationPrincipal OidcUser user,
            @RegisteredOAuth2AuthorizedClient("writ") OAuth2AuthorizedClient client) {
        Map<String, Object> told = new TreeMap<>();
        told.put("idToken", user.getIdToken().getClaims().get("email"));
        told.put("userInfo", user.getUserInfo().getEmail());
        told.put("subject", user.getSubject());
        told.put("accessToken", client.getAccessToken().getTokenValue());
        return told;
    }

    @GetMapping("/bye")
    String bye() {
        return "bye";
    }

    @GetMapping({"/plain", "/typed", "/opaque"})
    Map<String, Object> who(Authentication caller, HttpHeaders headers) {
        return Map.of("name", caller.getName());
    }
}

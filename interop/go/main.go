// A website that leaves signing in to go-oidc, and an API that verifies access tokens with it.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

type site struct {
	provider *oidc.Provider
	config   oauth2.Config
}

func main() {
	port := os.Getenv("PORT")
	provider, err := oidc.NewProvider(context.Background(), os.Getenv("ISSUER"))
	if err != nil {
		log.Fatal(err)
	}
	site := site{provider, oauth2.Config{
		ClientID:     os.Getenv("CLIENT_ID"),
		ClientSecret: os.Getenv("CLIENT_SECRET"),
		Endpoint:     provider.Endpoint(),
		RedirectURL:  fmt.Sprintf("http://localhost:%s/callback", port),
		Scopes:       []string{oidc.ScopeOpenID, "profile", "email", oidc.ScopeOfflineAccess},
	}}
	if len(os.Args) > 1 && os.Args[1] == "device" {
		site.device(context.Background())
		return
	}
	http.HandleFunc("/{$}", site.begin)
	http.HandleFunc("/callback", site.callback)
	http.HandleFunc("/api", site.api)
	log.Fatal(http.ListenAndServe("localhost:"+port, nil))
}

func (s site) begin(w http.ResponseWriter, r *http.Request) {
	state, nonce, proof := rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	for name, value := range map[string]string{"state": state, "nonce": nonce, "proof": proof} {
		http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 600, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	address := s.config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(proof))
	http.Redirect(w, r, address, http.StatusFound)
}

func (s site) callback(w http.ResponseWriter, r *http.Request) {
	answer, err := s.signedIn(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		log.Print(err)
	}
}

// What the library has found out of the answer: each step fails on its own.
func (s site) signedIn(r *http.Request) (map[string]any, error) {
	ctx, query := r.Context(), r.URL.Query()
	kept := map[string]string{}
	for _, name := range []string{"state", "nonce", "proof"} {
		cookie, err := r.Cookie(name)
		if err != nil {
			return nil, err
		}
		kept[name] = cookie.Value
	}
	if query.Get("state") != kept["state"] {
		return nil, fmt.Errorf("another state")
	}
	if refused := query.Get("error"); refused != "" {
		return nil, fmt.Errorf("%s", refused)
	}
	token, err := s.config.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(kept["proof"]))
	if err != nil {
		return nil, fmt.Errorf("exchange: %w", err)
	}
	raw, _ := token.Extra("id_token").(string)
	idToken, err := s.provider.Verifier(&oidc.Config{ClientID: s.config.ClientID}).Verify(ctx, raw)
	if err != nil {
		return nil, fmt.Errorf("ID token: %w", err)
	}
	if idToken.Nonce != kept["nonce"] {
		return nil, fmt.Errorf("another nonce")
	}
	if err := idToken.VerifyAccessToken(token.AccessToken); err != nil {
		return nil, fmt.Errorf("at_hash: %w", err)
	}
	var claims struct{ Name, Email string }
	if err := idToken.Claims(&claims); err != nil {
		return nil, fmt.Errorf("claims: %w", err)
	}
	person, err := s.provider.UserInfo(ctx, s.config.TokenSource(ctx, token))
	if err != nil {
		return nil, fmt.Errorf("UserInfo: %w", err)
	}
	stale := *token
	stale.Expiry = time.Now().Add(-time.Hour)
	fresh, err := s.config.TokenSource(ctx, &stale).Token()
	if err != nil {
		return nil, fmt.Errorf("refresh: %w", err)
	}
	return map[string]any{
		"subject": idToken.Subject, "name": claims.Name, "email": claims.Email,
		"userinfo":  map[string]any{"subject": person.Subject, "email": person.Email, "verified": person.EmailVerified},
		"refreshed": fresh.AccessToken != token.AccessToken, "access_token": fresh.AccessToken,
	}, nil
}

// A device without a browser: it prints what its person has to do, waits, and prints who that was.
func (s site) device(ctx context.Context) {
	config := s.config
	config.RedirectURL = ""
	told, err := config.DeviceAuth(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(told); err != nil {
		log.Fatal(err)
	}
	token, err := config.DeviceAccessToken(ctx, told)
	if err != nil {
		log.Fatal(err)
	}
	raw, _ := token.Extra("id_token").(string)
	idToken, err := s.provider.Verifier(&oidc.Config{ClientID: config.ClientID}).Verify(ctx, raw)
	if err != nil {
		log.Fatal(err)
	}
	person, err := s.provider.UserInfo(ctx, config.TokenSource(ctx, token))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %s\n", idToken.Subject, person.Email)
}

func (s site) api(w http.ResponseWriter, r *http.Request) {
	raw := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	token, err := s.provider.Verifier(&oidc.Config{ClientID: os.Getenv("AUDIENCE")}).Verify(r.Context(), raw)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	fmt.Fprint(w, token.Subject)
}

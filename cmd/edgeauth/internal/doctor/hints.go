package doctor

import (
	"regexp"
	"strconv"
)

// entraCures say what to do about those of Entra's numbers that the token endpoint gives for a wrong registration.
// Microsoft changes numbers and texts at will: they make hints and decide nothing.
var entraCures = map[int]string{
	9002325: "This redirect URI is a single-page application's, and the sign-in had no PKCE challenge. edgeauth always sends one: was the sign-in started by something else?",
	9002326: `The redirect URI is not registered as a single-page application's. Move it to the platform "Single-page application", or set "platform": "web" and give a client_secret.`,
	9002327: `The redirect URI is registered as a single-page application's. Take "type": "entraid" with "platform": "spa" and remove client_secret; or move the redirect URI to the platform "Web".`,
	700025:  `The application is a public client, which has no secret. Remove client_secret, and for entraid set "platform": "spa".`,
	7000218: `The application is a confidential client. Set "platform": "web" and give a client_secret; or move the redirect URI to the platform "Single-page application".`,
	7000215: "The client_secret is wrong. Copy the secret's value, not its id, when it is created; it is shown only once.",
	7000222: "The client_secret has expired. Create a new one.",
	700005:  "The code was given by another tenant's sign-in page. All endpoints have to be of one tenant.",
	700016:  "The tenant does not know this client_id. Compare both with the application's overview page.",
	50011:   "This redirect URI is not registered. Register the one that is shown below, letter for letter.",
	50194:   "The application is registered for one tenant only. Set tenant to that tenant's id.",
}

var entraNumber = regexp.MustCompile(`\bAADSTS([0-9]{5,8})\b`)

// entraHints are the cures for the numbers in an answer.
func entraHints(a refusal) []string {
	numbers := a.Codes
	for _, found := range entraNumber.FindAllStringSubmatch(a.Description, 4) {
		n, _ := strconv.Atoi(found[1])
		numbers = append(numbers, n)
	}
	var hints []string
	seen := make(map[int]bool, len(numbers))
	for _, n := range numbers {
		if cure, ok := entraCures[n]; ok && !seen[n] {
			hints = append(hints, "AADSTS"+strconv.Itoa(n)+": "+cure)
		}
		seen[n] = true
	}
	return hints
}

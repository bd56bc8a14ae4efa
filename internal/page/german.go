package page

var german = wording{
	language: "de", signedIn: "Angemeldet als", reference: "Referenz", contact: "Fragen?",
	labels: [labels]string{
		SignIn: "Anmelden", SignInAgain: "Erneut anmelden", TryAgain: "Noch einmal versuchen", StartPage: "Zur Startseite",
		SignOut: "Abmelden", AnotherAccount: "Anderes Konto verwenden", Email: "Oder mit Ihrer E-Mail-Adresse", Next: "Weiter",
	},
	texts: [subjects]text{
		Internal:          {"Etwas ist schiefgegangen", "Bitte versuchen Sie es später noch einmal. Wenn es wieder geschieht, nennen Sie dem Betreiber dieser Website diese Referenz."},
		UnknownHost:       {"Hier gibt es keine Website", "Bitte prüfen Sie die Adresse."},
		SiteUnavailable:   {"Diese Website ist gerade nicht erreichbar", "Bitte versuchen Sie es gleich noch einmal."},
		BadPath:           {"Diese Adresse funktioniert nicht", "Bitte prüfen Sie die Adresse, oder gehen Sie zur Startseite."},
		MethodNotAllowed:  {"Das geht hier nicht", "Diese Adresse ist nicht dafür gedacht."},
		CookiesNotKept:    {"Ihr Browser behält die Anmeldung nicht", "Bitte erlauben Sie Cookies für diese Website, oder machen Sie in dem Browser weiter, in dem Sie begonnen haben. Versuchen Sie es dann noch einmal."},
		AlreadySignedIn:   {"Sie sind schon angemeldet", "Diese Anmeldung ist bereits abgeschlossen. Hier ist nichts weiter zu tun."},
		AccessDenied:      {"Sie wurden nicht angemeldet", "Die Anmeldung wurde abgebrochen oder nicht erlaubt."},
		AccountRefused:    {"Diese Website ist für Sie nicht freigegeben", "Das Konto, mit dem Sie sich angemeldet haben, hat hier keinen Zugang."},
		Forbidden:         {"Diese Seite ist für Sie nicht freigegeben", "Sie sind angemeldet, aber Ihr Konto hat hier keinen Zugang."},
		SignInUnavailable: {"Anmelden ist gerade nicht möglich", "Der Anmeldedienst antwortet nicht. Bitte versuchen Sie es gleich noch einmal."},
		SignInFailed:      {"Die Anmeldung hat nicht geklappt", "Sie hat zu lange gedauert, wurde in einem anderen Browser begonnen, oder ihr Link wurde schon verwendet."},
		SignInBroken:      {"Die Anmeldung funktioniert nicht", "An der Anmeldung dieser Website muss etwas repariert werden. Bitte nennen Sie dem Betreiber diese Referenz."},
		SignInRequired:    {"Bitte melden Sie sich an", "Melden Sie sich an, um fortzufahren."},
		ChooseProvider:    {"Wie möchten Sie sich anmelden?", "Danach geht es hier weiter."},
		SignInElsewhere:   {"Bitte melden Sie sich an", "Die Anmeldung öffnet ein eigenes Fenster. Danach geht es hier von selbst weiter, oder in jenem Fenster."},
		OpenInBrowser:     {"Diese Adresse verlangt eine Anmeldung", "Öffnen Sie sie in Ihrem Browser."},
		ConfirmLogout:     {"Abmelden?", "Sie werden von dieser Website abgemeldet."},
		SignedOut:         {"Sie sind abgemeldet", "Sie können dieses Fenster schließen oder sich wieder anmelden."},
	},
}
